# Opt-out in Khmer, with the Khmer full stop
phone +855 12 345 678

> ឈប់។
< ឈប់ផ្ញើហើយ។ SOS, ជំនួយ នៅតែឆ្លើយ។ ចង់បានវិញ ផ្ញើ: ចាប់ផ្ដើម
= topic stop
= opted out

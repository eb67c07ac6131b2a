# Opt-out in Khmer, with the Khmer full stop
phone +855 12 345 678

> ឈប់។
= topic stop
= opted out

# The phone shows boxes instead of Khmer letters
phone +855 12 345 678

> ចង់ធ្វើលិខិតឆ្លងដែន
= topic documents
> i see only boxes
= language km_Latn

# The gateway repeats a request: the same bytes come back, nothing is asked twice
phone +855 12 345 678

> ថៅកែដកលិខិតឆ្លងដែនខ្ញុំ
= topic passport_kept
= again the same

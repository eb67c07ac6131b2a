# The boss keeps the passport, Thailand, Khmer
phone +66 81 234 5678

> ថៅកែដកលិខិតឆ្លងដែនខ្ញុំ មិនឲ្យវិញទេ
= topic passport_kept

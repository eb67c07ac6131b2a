# The same word with a zero-width space inside (some keyboards put one)
phone +855 12 345 678

> ជំ​នួយ
= topic sos

# The same word with a zero-width space inside (some keyboards put one)
phone +855 12 345 678

> ជំ​នួយ
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos

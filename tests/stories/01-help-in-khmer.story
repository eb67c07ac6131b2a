# A woman at home types the one word for help, in Khmer
phone +855 12 345 678

> ជំនួយ
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos

# A woman at home types the one word for help, in Khmer
phone +855 12 345 678

> ជំនួយ
= topic sos

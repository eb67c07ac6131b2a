# The same in Latin letters from Malaysia
phone +60 12 345 6789

> thaoke yok passport nhom min oy vinh te
= topic passport_kept

# Help in Khmer typed with Latin letters
phone +855 12 345 678

> chuoy phong
= topic sos

# Help in Khmer typed with Latin letters
phone +855 12 345 678

> chuoy phong
< Lek nov srok khmer: 117 police, 119 lan pet, 1280 kmeng-yuvachon (24 maong, free), 1297 kar ngear
= topic sos

# A brother writes for his sister: sold, ransom asked
phone +855 12 345 678

> ke lok bong srey nhom oy krom hun phseng, tea 3000$ teb oy mok vinh
< Lek nov srok khmer: 117 police, 119 lan pet, 1280 kmeng-yuvachon (24 maong, free), 1297 kar ngear
= topic sos
= case opened

# A brother writes for his sister: sold, ransom asked
phone +855 12 345 678

> ke lok bong srey nhom oy krom hun phseng, tea 3000$ teb oy mok vinh
= topic sos
= case opened

# "chob" alone is opt-out; inside a sentence it is not
phone +855 12 345 678

> nhom chob rean hery, chong rean vinh ban te
< Suor tha eylov vok na berk: nov srok khmer tel 1297. Vok jomneanh free 4 khae mean jab pi 2023, yuvachon kreykror ban 280,000 riel 1 khae.
  An teat, phnher: BONTOR
= topic study
= opted in
> ber nhom chob tver ka ke vay nhom
< Lek nov srok khmer: 117 police, 119 lan pet, 1280 kmeng-yuvachon (24 maong, free), 1297 kar ngear
= topic sos
= opted in
> chob
< Chhob phnher hery. SOS, CHUMNUOY nov tae chhlery. Chong ban vinh, phnher: CHABPDAEM
= topic stop
= opted out

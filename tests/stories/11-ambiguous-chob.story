# "chob" alone is opt-out; inside a sentence it is not
phone +855 12 345 678

> nhom chob rean hery, chong rean vinh ban te
= topic study
= opted in
> ber nhom chob tver ka ke vay nhom
= topic sos
= opted in
> chob
= topic stop
= opted out

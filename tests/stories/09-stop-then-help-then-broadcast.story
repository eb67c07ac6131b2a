# STOP is confirmed once; help still works and does not subscribe again; a broadcast stays away; START opens again
phone +855 12 345 678

> STOP
= topic stop
= opted out
> STOP
= nothing
> how much is a passport
= nothing
> SOS
= topic sos
= opted out
= broadcast withheld
> START
= topic start
= opted in
= broadcast sent
> how much is a passport
= topic documents|costs

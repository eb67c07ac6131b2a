# STOP is confirmed once; help still works and does not subscribe again; a broadcast stays away; START opens again
phone +855 12 345 678

> STOP
< Stopped. SOS and NUMBERS still get an answer. To come back, send START
= topic stop
= opted out
> STOP
= nothing
> how much is a passport
= nothing
> SOS
< Cambodia: 117 police, 119 ambulance, 1280 children and youth (24 h, free), 1297 work
= topic sos
= opted out
= broadcast withheld
> START
< Started again. To see the topics send MENU. To stop send STOP
= topic start
= opted in
= broadcast sent
> how much is a passport
< First get your own passport: bring your Khmer ID card and family or residence book. $100 in 15 working days (2023 price). To ask, in Cambodia call 1297.
  More: send MORE
= topic documents|costs

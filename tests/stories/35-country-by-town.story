# A town tells the country
phone +855 12 345 678

> number of embassy in kuala lumpur
< In Malaysia dial:
  999 police, ambulance
  15999 women and children, 24 h
  03 8000 8000 forced work, 7:30-21:00
  Malay, English; no Khmer.
  In Khmer (office hours): +85523224841 children and youth
  More: send MORE
= topic helplines|country
> 010 tokyo
< In Japan dial:
  110 police
  119 ambulance
  03-5412-8521 Cambodian embassy: Khmer, office hours (passport, work trouble)
  More: send MORE

# A worker with a Thai SIM and a worker at home ask for the same help: each gets numbers that can be dialled there
phone +66 81 234 5678

> HELP ME
< Thailand: danger 191, ambulance 1669. Help 24 h 1300, in Khmer 1694 (office hours). Family in Cambodia: 117
= topic sos

phone +855 12 345 678

> HELP ME
< Cambodia: 117 police, 119 ambulance, 1280 children and youth (24 h, free), 1297 work
= topic sos

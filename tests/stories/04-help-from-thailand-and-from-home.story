# A worker with a Thai SIM and a worker at home ask for the same help: each gets numbers that can be dialled there
phone +66 81 234 5678

> HELP ME
= topic sos

phone +855 12 345 678

> HELP ME
= topic sos

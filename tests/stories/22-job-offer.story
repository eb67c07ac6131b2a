# An offer on Facebook that is too good
phone +855 12 345 678

> facebook offer job 1500$ per month easy work is it real
< Do not go, pay or give your passport yet. Ask for the address, pay, visa and a contract in Khmer. If they hide it, do not go. To check, in Cambodia call 1297.
  More: send MORE
= topic job_offer|scam_work

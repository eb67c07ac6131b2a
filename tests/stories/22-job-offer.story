# An offer on Facebook that is too good
phone +855 12 345 678

> facebook offer job 1500$ per month easy work is it real
= topic job_offer|scam_work

# A menu is still answerable the next morning, not the day after
phone +855 12 345 678

> menu
= topic menu
= wait 23 hours
> 2
= topic menu
= wait 25 hours
> 2
= topic none

# A town tells the country
phone +855 12 345 678

> number of embassy in kuala lumpur
= topic helplines|country
> 010 tokyo

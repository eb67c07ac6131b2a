# "2." and "# 1" are as good as 2 and 1; a number that is not in the menu asks again; twice wrong ends with a person to call
phone +855 12 345 678

> menu
= topic menu
> 2.
> #1
> menu
> 77
> 78

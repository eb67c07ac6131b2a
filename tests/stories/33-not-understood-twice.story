# Two texts that cannot be understood end with a person to call
phone +855 12 345 678

> blorp zim
= topic none
> qwzx vrrt
= topic none

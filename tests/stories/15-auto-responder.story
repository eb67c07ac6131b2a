# Another machine answers us: no loop
phone +855 12 345 678

> This is an automated response. I am driving and will get back to you.
= nothing
> This is an automated response. I am driving and will get back to you.
= nothing

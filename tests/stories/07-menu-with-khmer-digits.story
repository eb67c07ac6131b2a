# A numbered menu answered with Khmer digits
phone +855 12 345 678

> ម៉ឺនុយ
= topic menu
> ១
> ២

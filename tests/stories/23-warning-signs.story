# How does one know a bad broker
phone +855 12 345 678

> mean sanha ey khlah bok bras yerng tov kraov
= topic warning_signs

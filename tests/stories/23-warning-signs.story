# How does one know a bad broker
phone +855 12 345 678

> mean sanha ey khlah bok bras yerng tov kraov
< Mean te 1 ko chhob sen: kar sruol luy jren, leak titang, dok phone reu passport, visa tesachor, kmean kech sanya. Nov srok khmer tel 1297.
  An teat, phnher: BONTOR
= topic warning_signs

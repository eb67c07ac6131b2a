# How does one know a bad broker
phone +855 12 345 678

> mean sanha ey khlah bok bras yerng tov kraov
< Mean te 1 ko trov chhob sen: kar sruol luy jren, leak titang, chenh thlai domner oy, dok phone reu passport, visa tesachor, kmean kech sanya, der prey, jih touk yub. Nov Kampuchea tel 1297.
  An teat, phnher: BONTOR
= topic warning_signs

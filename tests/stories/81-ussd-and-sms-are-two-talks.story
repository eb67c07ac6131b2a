# The screens of a call do not disturb the talk by SMS, nor the other way round; only the language goes with the person
phone +855 12 345 678

> menu pong
< Suosdey! Phlov jea masin chhlery. Ke ach an sar ban. Phnher lek:
  1. Trov ka chumnuoy
  2. Mun chenh domner
  3. Tver kar krav srok
  4. Bomnol, rien, kar ngear
  5. Lek tel
  6. Tam protes
  7. Pinit, quiz
  8. Pheasa/Language
  9. Suor bukkalik
= topic greeting
> 2
< Mun chenh domner. Phnher lek:
  1. Phlov srob chbab
  2. Eksa
  3. Thlai chomnay
  4. Check kromhun
  5. Kar ngear nis pit te?
  6. Kech sanya
  7. Trov triem ey khlah
  8. Mean teat
  9. Suor bukkalik
dial *1280#
< Phlov jea masin chhlery. Ke ach an ban.
  1 Trov ka chumnuoy
  2 Pheasa/Language
  3 Mun chenh domner
  4 Tver kar krav srok
  5 Bomnol, rien, kar ngear
  6 Lek tel
  7 Tam protes
  9 Bontor
> 1
< Mean banha ey? Phnher lek:
  1 Mean kroh thnak
  2 Ort berk luy khae
  3 Ke kan passport
  4 Chheu reu robuos
  5 Ort eksa, trov chab
  6 Bat domneng sach nhat
  9 Bontor
  0 Thoy
hang up
> 1
< Nov srok khmer tel 1297 sen: prab chhmos protes neng kromhun, suor tha trov chbab ort. Min toan deng, kom bong luy, kom oy passport.
  An teat, phnher: BONTOR
= topic legal_route

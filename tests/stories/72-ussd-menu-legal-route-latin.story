# Khmer in Latin letters: chosen on the first screen by somebody whose phone shows boxes
phone +855 12 345 678

dial *1280#
< Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។
  1 ត្រូវការជំនួយ
  2 ភាសា/Language
  9 បន្ត
> 2
< ភាសា / Language:
  1 ខ្មែរ
  2 Khmer ABC
  3 English
  0 ថយ
  00 ម៉ឺនុយ
> 2
< Phlov jea masin chhlery. Ke ach an ban.
  1 Trov ka chumnuoy
  2 Pheasa/Language
  3 Mun chenh domner
  4 Tver kar krav srok
  5 Bomnol, rien, kar ngear
  6 Lek tel
  7 Tam protes
  9 Bontor
= language km_Latn
> 3
< Mun chenh domner. Phnher lek:
  1 Phlov srob chbab
  2 Eksa
  3 Thlai chomnay
  4 Check kromhun
  5 Kar ngear nis pit te?
  6 Kech sanya
  7 Trov triem ey khlah
  8 Mean teat
  9 Bontor
  0 Thoy
> 1
< Nov srok khmer tel 1297 sen: prab chhmos protes neng kromhun, suor tha trov chbab ort. Min toan deng, kom bong luy, kom oy passport.
  1 Yok chea SMS
  9 Bontor
  0 Thoy
= topic legal_route
= language km_Latn
> 9
< Jomhean: 1 kromhun mean knong banhchi krasuong. 2 passport khluon eng. 3 kech sanya jea khmer, tuk 1 chbab. 4 pinit sokhapheap. 5 visa tver kar (men tesachor).
  9 Bontor
  0 Thoy
> 0
< Nov srok khmer tel 1297 sen: prab chhmos protes neng kromhun, suor tha trov chbab ort. Min toan deng, kom bong luy, kom oy passport.
  1 Yok chea SMS
  9 Bontor
  0 Thoy
> 00
< Phlov jea masin chhlery. Ke ach an ban.
  1 Trov ka chumnuoy
  2 Pheasa/Language
  3 Mun chenh domner
  4 Tver kar krav srok
  5 Bomnol, rien, kar ngear
  6 Lek tel
  7 Tam protes
  9 Bontor

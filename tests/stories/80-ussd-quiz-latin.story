# A tool on screens: the question, then its lines under keys
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
> 9
< 1 Pinit, quiz
  2 Suor bukkalik
  0 Thoy
> 1
< Pinit neng quiz. Phnher lek:
  1 Pinit kar ngear
  2 Check kromhun
  3 Kit kamchey
  4 Quiz
  5 Reung klei
  6 Prum den Thai
  7 Menu
  8 Suor bukkalik
  0 Thoy
  00 Menu
> 4
< 5 samnuor, ort tuk chhmos te. Phnher lek.
  1/5 Kromhun oy tov tver kar krav srok. Tver ey mun?
  9 Bontor
  0 Thoy
= topic quiz
> 9
< 1 Oy passport
  2 Suor tha mean knong banhchi krasuong te
  3 Bong luy oy leun
  0 Thoy
  00 Menu
> 2
< Trov hery! Kromhun ort mean knong banhchi keu khos chbab, suor nov Kampuchea 1297.
  2/5 Passport, neak na tuk?
  1 Khluon nhom
  2 Mekhyal
  3 Thaoke
  0 Thoy
  00 Menu
= topic quiz
> 1
< Trov hery! Tuk khluon eng; kroy visa, kromhun trov ka te copy.
  3/5 Der tam prey, ort eksa, ach noam oy:
  1 Ban luy jren
  2 Ort banha te
  3 Ke jab neng pineay
  0 Thoy
  00 Menu
= topic quiz
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

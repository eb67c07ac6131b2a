# Whoever holds the phone next learns nothing of what was asked
phone +66 81 234 5678

dial *1280#
< Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។
  1 ត្រូវការជំនួយ
  2 ភាសា/Language
  9 បន្ត
> thaokae kan passport nhom
< Chumnuoy konsul khmer nov Thai mean komrit (domneng 8/2026).
  Vea jea robos neak, chbab Thai ham ke tuk. Ber sovathepheap, som vinh.
  9 Bontor
  0 Thoy
= topic passport_kept
hang up
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
= topic greeting
> 0
< Phlov jea masin chhlery. Ke ach an ban.
  1 Trov ka chumnuoy
  2 Pheasa/Language
  3 Mun chenh domner
  4 Tver kar krav srok
  5 Bomnol, rien, kar ngear
  6 Lek tel
  7 Tam protes
  9 Bontor
= says Phlov

# The same in Latin letters, from Thailand.
phone +66 81 234 5678
= agencies imported
> latin
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
> krumhun romdoul meas
< Rumdoul Meas Manpower Co., Ltd (012/20; Thai): mean knong banhchi thngai 1/11/2026. Banhchi ach chas, ke ach klaeng chhmos: mun bong luy, suor nov Kampuchea 1297.
= topic agency_check
= says Rumdoul Meas Manpower Co., Ltd (012/20; Thai)
> kromhun meas
< Muoy na? Knong banhchi thngai 1/11/2026:
  1. Rumdoul Meas Manpower Co., Ltd
  2. Ort mean te
  Phnher lek muoy.
= says 1. Rumdoul Meas Manpower Co., Ltd
> 2
< Chhmos nis ort mean knong banhchi thngai 1/11/2026 te. Brohel sorser khos knea: suor nov Kampuchea 1297. Min toan chbas, kom bong luy, kom oy passport.
= says ort mean knong banhchi thngai 1/11/2026
> khmer
< ឈ្មោះនេះអត់មានក្នុងបញ្ជីថ្ងៃ 1/11/2026 ទេ។ ប្រហែលសរសេរខុសគ្នា៖ សួរនៅកម្ពុជា 1297។ មិនទាន់ច្បាស់ កុំបង់លុយ កុំឱ្យលិខិតឆ្លងដែន។
= says 1297

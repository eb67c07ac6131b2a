# The question after the trip: a bad answer leads to help, and nobody finds the question later by going back
phone +855 12 345 678
= campaign KYA12 begins
> ភាសាខ្មែរ
< សួស្ដី! Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានសារបាន។ ផ្ញើលេខ:
  1. ត្រូវការជំនួយ
  2. មុនចេញដំណើរ
  3. ការងារក្រៅស្រុក
  4. បំណុល រៀន ការងារ
  5. លេខទូរស័ព្ទ
  6. ប្រទេស
  7. ពិនិត្យ សំណួរ
  8. ភាសា/Language
  9. សួរបុគ្គលិក
= wait 2 days
= sent broadcasts.tomorrow
< ស្អែកចេញដំណើរ។ ចាំលេខ 1297 និង 117 (ខ្មែរ)។ 2 ថ្ងៃទៀត សួរសុខទុក្ខបានទេ?
  1. បាន ពេលព្រឹក
  2. បាន ពេលល្ងាច
  3. ទេ
  Phlov៖ ចង់ឈប់ ផ្ញើ: ឈប់
> ១
< បាន នៅ 2 ថ្ងៃទៀត។ ចង់ឈប់ ផ្ញើ: ឈប់។ សូមឱ្យដំណើរសុខសប្បាយ!
= ask_morning on 2026-11-26
= wait 2 days
= sent broadcasts.arrived
< ធ្វើដំណើរយ៉ាងម៉េចដែរ? ផ្ញើលេខ:
  1. ល្អ ដល់ហើយ
  2. នៅតាមផ្លូវ
  3. មិនស្រួលទេ
  Phlov៖ ចង់ឈប់ ផ្ញើ: ឈប់
> ៣
< មានបញ្ហាអ្វី? ផ្ញើលេខ:
  1. មានគ្រោះថ្នាក់
  2. មិនបើកប្រាក់ខែ
  3. គេកាន់លិខិតឆ្លងដែន
  4. ឈឺ ឬរបួស
  5. គ្មានឯកសារ ត្រូវចាប់
  6. បាត់ដំណឹងសាច់ញាតិ
  7. ចង់មកផ្ទះវិញ
  8. លេខទូរស័ព្ទ
  9. សួរបុគ្គលិក
= topic menu
= answered Not good: 1
> ១
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos
= case opened

phone +855 12 345 679
> khmer latin
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
= sent broadcasts.arrived
< Tver domner yang mech der? Phnher lek:
  1. Laor, dol hery
  2. Nov tam phlov
  3. Min sruol te
  Phlov: chong chhob, phnher: CHHOB
> nov tam phlov
< Ban. Tuk passport, phone neng luy chab khluon. Ber ke bdo kanleng, kar ngear reu lan, chhob hery tel. Merl lek, phnher: LEK
= answered Still on the way: 1
> thoy
< Phnher lek, reu sorser samnuor:
  1. Trov ka chumnuoy
  2. Mun chenh domner
  3. Tver kar krav srok
  4. Bomnol, rien, kar ngear
  5. Lek tel
  6. Tam protes
  7. Pinit, quiz
  8. Pheasa/Language
  9. Suor bukkalik
= topic menu

phone +855 12 345 680
> english
< Hello! Phlov answers automatically. Others may read texts. Send a number:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
= sent broadcasts.arrived
< How was the trip? Send a number:
  1. Good, I am there
  2. Still on the way
  3. Not good
  Phlov: to stop send STOP
> good
< Good! Send your family the address of the work place and the name of the boss. Questions at any time: send MENU
= answered Good, I am there: 1
= sent broadcasts.arrived
< How was the trip? Send a number:
  1. Good, I am there
  2. Still on the way
  3. Not good
  Phlov: to stop send STOP
> they locked us in and took our phones
< Cambodia: 117 police, 119 ambulance, 1280 children and youth (24 h, free), 1297 work
= topic sos
= answered Not good: 1

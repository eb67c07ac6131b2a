# One question of knowledge by broadcast, right and wrong, in three scripts
phone +855 12 345 678
= campaign KYA12 begins
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
= wait 1 day
= sent broadcasts.passport
< Somnuor toch muoy: tver kar krav srok, neak na tuk passport? Phnher lek:
  1. Khluon nhom
  2. Mekhyal
  3. Thaoke
  Phlov: chong chhob, phnher: CHHOB
> 1
< Trov hery! Tuk khluon eng. Ber thaoke yok tov choh chhmos, som bangkandai, hery yok vinh thngai nung. Somnuor tiet, phnher: SOMNUOR
= says Trov hery
= topic quiz
= answered I myself: 1

phone +855 12 345 679
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
= wait 1 day
= sent broadcasts.passport
< សំណួរតូចមួយ៖ ធ្វើការក្រៅស្រុក អ្នកណាទុកលិខិតឆ្លងដែន? ផ្ញើលេខ:
  1. ខ្លួនខ្ញុំ
  2. មេខ្យល់
  3. ថៅកែ
  Phlov៖ ចង់ឈប់ ផ្ញើ: ឈប់
> ថៅកែ
< ទុកខ្លួនឯងទើបល្អ គេត្រូវការតែច្បាប់ថតចម្លង។ បើថៅកែយកទៅចុះឈ្មោះ សុំបង្កាន់ដៃ ហើយយកវិញថ្ងៃហ្នឹង។ សំណួរទៀត ផ្ញើ: សំណួរ
= topic quiz
= answered The boss: 1
> សំណួរ
< 5 សំណួរ មិនទុកឈ្មោះទេ។ ផ្ញើលេខ។
  1/5 ក្រុមហ៊ុនឱ្យទៅធ្វើការក្រៅស្រុក។ ធ្វើអ្វីមុន?
  1. ឱ្យលិខិតឆ្លងដែន
  2. សួរថាមានក្នុងបញ្ជីក្រសួងទេ
  3. បង់លុយឱ្យលឿន
= says 1/5

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
= wait 3 days
= sent broadcasts.passport
< A small question: at work abroad, who keeps your passport? Send a number:
  1. I myself
  2. The broker
  3. The boss
  Phlov: to stop send STOP
> b
< Better: keep it yourself, a copy is enough for them. If the boss must register it, ask for a receipt and take it back the same day. More questions: send QUIZ
= says Better
= answered The broker: 1
= sent broadcasts.passport
< A small question: at work abroad, who keeps your passport? Send a number:
  1. I myself
  2. The broker
  3. The boss
  Phlov: to stop send STOP
= wait 4 days
> b
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
= answered The broker: 1

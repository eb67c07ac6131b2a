# A poll by broadcast, answered by digit, by Khmer digit and in words; HELP and a question in between are answered as ever
phone +855 12 345 678
= campaign KYA12 begins
> JOIN KYA12
< Road show KYA12៖ សារដំណឹង និងដំបូន្មានពីការទៅធ្វើការក្រៅប្រទេស ច្រើនបំផុត 2 សារមួយសប្ដាហ៍។ ចង់ឈប់ពេលណាក៏បាន ផ្ញើ: ឈប់។ ចង់ទទួលទេ?
  1. ចង់
  2. អត់ទេ
> ១
< រួចហើយ។ ពីពេលនេះទៅ នឹងផ្ញើសារមក។ ចង់ឈប់ ផ្ញើ: ឈប់
= members 1
= wait 2 days
= sent broadcasts.next_topic
< ចង់ដឹងបន្ថែមពីអ្វី? ផ្ញើលេខ:
  1. ផ្លូវស្របច្បាប់
  2. ថ្លៃចំណាយ
  3. ការងារពិត ឬអត់
  4. បំណុល
  Phlov៖ ចង់ឈប់ ផ្ញើ: ឈប់
> ២
< មុនបង់លុយ សួរតម្លៃផ្លូវការ៖ នៅខ្មែរ តេ 1297។ លិខិតឆ្លងដែន $100 បាន 15 ថ្ងៃធ្វើការ (2023)។ គ្មានបង្កាន់ដៃ កុំបង់។
  អានទៀត ផ្ញើ: បន្ត
= topic costs
= answered What it costs: 1
> 1
< សុំទោស មិនយល់ទេ។ ផ្ញើលេខ:
  1. ត្រូវការជំនួយ
  2. មុនចេញដំណើរ
  3. ការងារក្រៅស្រុក
  4. បំណុល រៀន ការងារ
  5. លេខទូរស័ព្ទ
  6. ប្រទេស
  7. ពិនិត្យ សំណួរ
  8. ភាសា/Language
  9. សួរបុគ្គលិក
= answered Legal ways to go: 0

phone +855 12 345 679
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
= wait 1 day
= sent broadcasts.next_topic
< What do you want to know more about? Send a number:
  1. Legal ways to go
  2. What it costs
  3. Is a job real?
  4. Loans
  Phlov: to stop send STOP
> thank you
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
= answered Loans: 0
= wait 25 hours
> Loans
< This week ask the lender to pay less or later, before you miss a month. They will not listen? Complain about a bank or microfinance: call 015 365 222. To count the interest send LOAN
  More: send MORE
= topic loans
= answered Loans: 1

phone +855 12 345 680
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
= sent broadcasts.next_topic
< Chong doeng thaem pi ey? Phnher lek:
  1. Phlov srob chbab
  2. Thlai chomnay
  3. Kar ngear pit reu ort
  4. Bomnol
  Phlov: chong chhob, phnher: CHHOB
> CHUOY
< Lek nov srok khmer: 117 police, 119 lan pet, 1280 kmeng-yuvachon (24 maong, free), 1297 kar ngear
= topic sos
= case opened
= answered Is a job real?: 0

phone +855 12 345 681
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
= sent broadcasts.next_topic
< Chong doeng thaem pi ey? Phnher lek:
  1. Phlov srob chbab
  2. Thlai chomnay
  3. Kar ngear pit reu ort
  4. Bomnol
  Phlov: chong chhob, phnher: CHHOB
> Phlov srob chbab
< Nov srok khmer tel 1297 sen: prab chhmos protes neng kromhun, suor tha trov chbab ort. Min toan deng, kom bong luy, kom oy passport.
  An teat, phnher: BONTOR
= topic legal_route
= answered Legal ways to go: 1
= wait 11 minutes
> CHHOB
< Chhob phnher hery. SOS, CHUMNUOY nov tae chhlery. Chong ban vinh, phnher: CHABPDAEM
= opted out

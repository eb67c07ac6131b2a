# Somebody looks over the shoulder: a harmless word, a harmless answer, and nothing leads back
phone +855 12 345 678

> my boss beats me and took my passport
< Cambodia: 117 police, 119 ambulance, 1280 children and youth (24 h, free), 1297 work
= topic sos|passport_kept
> weather
< In hot weather, drink plenty of clean water and rest in the shade.
= topic greeting
> more
< Send a number, or write your question:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
= topic menu|greeting
> ជំនួយ
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos
> អាកាសធាតុ
< ថ្ងៃក្ដៅ សូមផឹកទឹកស្អាតឱ្យបានច្រើន ហើយសម្រាកក្រោមម្លប់
= topic greeting
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
= topic none
> chuoy
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos
= wait 11 minutes
> Akas theat?
< ថ្ងៃក្ដៅ សូមផឹកទឹកស្អាតឱ្យបានច្រើន ហើយសម្រាកក្រោមម្លប់
= topic greeting
> back
< ផ្ញើលេខ ឬសរសេរសំណួរ:
  1. ត្រូវការជំនួយ
  2. មុនចេញដំណើរ
  3. ការងារក្រៅស្រុក
  4. បំណុល រៀន ការងារ
  5. លេខទូរស័ព្ទ
  6. ប្រទេស
  7. ពិនិត្យ សំណួរ
  8. ភាសា/Language
  9. សួរបុគ្គលិក
= topic menu|greeting
> I work in the weather, my boss does not pay
< Get ready the contract, receipts, ID card and company name. Then in Cambodia call 1297 (day and night), or go to the provincial labour office.
  More: send MORE
= topic unpaid_wages

# An SMS is sent only when it is asked for, and only after a word about where it stays
phone +66 81 234 5678

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
> 3
< Phlov answers automatically. Others may read this.
  1 Help now
  2 Language
  3 Before you go
  4 Work abroad
  5 Loans, school, jobs
  6 Phone numbers
  7 By country
  8 Checks, quiz
  9 More
> 1
< What is it about? Send a number:
  1 Danger now
  2 Wages not paid
  3 Passport kept
  4 Sick or hurt
  5 No papers, arrested
  6 Someone is missing
  7 Coming home
  8 Phone numbers
  9 More
  0 Back
> 1
< Thailand: danger 191, ambulance 1669. Help 24 h 1300, in Khmer 1694 (office hours). Family in Cambodia: 117
  1 Get as SMS
  0 Back
  00 Menu
= topic sos
= no sms
> 1
< The SMS stays in this phone. Others may read it.
  1 Send it
  0 Back
= says stays in this phone
= no sms
> 1
< The SMS is on its way. Delete it after reading.
  0 Back
  00 Menu
= by sms 1300
= again the same
> 0
< Thailand: danger 191, ambulance 1669. Help 24 h 1300, in Khmer 1694 (office hours). Family in Cambodia: 117
  1 Get as SMS
  0 Back
  00 Menu

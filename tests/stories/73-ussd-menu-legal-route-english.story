# English: the same in wider screens
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
= language en
> 3
< Before you go. Send a number:
  1 Legal ways to go
  2 Papers
  3 Costs
  4 Check an agency
  5 Is this job real?
  6 Contract
  7 What to prepare
  8 More topics
  9 More
  0 Back
> 1
< First, in Cambodia call 1297: say the country and the company, and ask if they are legal. Until you know, pay nothing and do not give your passport.
  1 Get as SMS
  9 More
  0 Back
= topic legal_route
> 9
< Steps: 1 the company is on the ministry's list. 2 your own passport. 3 a contract in Khmer, keep a signed copy. 4 health check. 5 work visa (not a tourist visa).
  9 More
  0 Back
> 9
< 6 copies and the address stay with your family.
  1 Get as SMS
  9 More
  0 Back
> 0
< Steps: 1 the company is on the ministry's list. 2 your own passport. 3 a contract in Khmer, keep a signed copy. 4 health check. 5 work visa (not a tourist visa).
  9 More
  0 Back
> 0
< First, in Cambodia call 1297: say the country and the company, and ask if they are legal. Until you know, pay nothing and do not give your passport.
  1 Get as SMS
  9 More
  0 Back
> 0
< Before you go. Send a number:
  1 Legal ways to go
  2 Papers
  3 Costs
  4 Check an agency
  5 Is this job real?
  6 Contract
  7 What to prepare
  8 More topics
  9 More
  0 Back
> 00
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

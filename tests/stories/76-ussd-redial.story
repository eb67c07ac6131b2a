# A call that was cut goes on where it was, if the person wants; nothing is said of it after five minutes
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
> 3
< Ask the official cost before you pay anybody: in Cambodia call 1297. A passport is $100 in 15 working days (2023 price). No receipt, no money.
  1 Get as SMS
  9 More
  0 Back
= topic costs
hang up
dial *1280#
< The call was cut. Go on?
  1 Continue
  2 Start again
= says Continue
> 1
< Ask the official cost before you pay anybody: in Cambodia call 1297. A passport is $100 in 15 working days (2023 price). No receipt, no money.
  1 Get as SMS
  9 More
  0 Back
hang up
dial *1280#
< The call was cut. Go on?
  1 Continue
  2 Start again
> 2
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
hang up
dial *1280#
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
hang up
= wait 6 minutes
dial *1280#
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
= topic greeting

# STOP and ERASE end the call; who said STOP is answered whenever they dial
phone +855 12 345 678

dial *1280#
< Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។
  1 ត្រូវការជំនួយ
  2 ភាសា/Language
  9 បន្ត
> stop
< Stopped. SOS and NUMBERS still get an answer. To come back, send START
= ends
= opted out
= again the same
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
< Cambodia: 117 police, 119 ambulance, 1280 children and youth (24 h, free), 1297 work
  1 Get as SMS
  0 Back
  00 Menu
= topic sos
= opted out
= broadcast withheld
> start
< Started again. To see the topics send MENU. To stop send STOP
  0 Back
  00 Menu
= opted in
> erase
< Erased here. Please delete the texts on your phone too. To come back, send START
= ends
= erased
= again the same

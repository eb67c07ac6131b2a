# Many texts in ten minutes: eight answers, then only emergencies
phone +855 12 345 678

> 1a
< Sorry, not understood. Send a number:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
> 2a
< Sorry, still not understood. You can call 1297 (work), or ask a person here.
  1. Ask a person
  2. Phone numbers
  3. Main menu
> 3a
< Sorry, not understood. Send a number:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
> 4a
< Sorry, still not understood. You can call 1297 (work), or ask a person here.
  1. Ask a person
  2. Phone numbers
  3. Main menu
> 5a
< Sorry, not understood. Send a number:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
> 6a
< Sorry, still not understood. You can call 1297 (work), or ask a person here.
  1. Ask a person
  2. Phone numbers
  3. Main menu
> 7a
< Sorry, not understood. Send a number:
  1. Help now
  2. Before you go
  3. Work abroad
  4. Loans, school, jobs
  5. Phone numbers
  6. By country
  7. Checks, quiz
  8. Language
  9. Ask a person
> 8a
< Sorry, still not understood. You can call 1297 (work), or ask a person here.
  1. Ask a person
  2. Phone numbers
  3. Main menu
> 9a
= nothing
> ជួយផង គេវាយខ្ញុំ
< លេខ: 117 ប៉ូលិស, 119 ពេទ្យ, 1280 កុមារ-យុវជន 24ម៉ោង, 1297 ការងារ
= topic sos
= wait 11 minutes
> menu
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
= topic menu

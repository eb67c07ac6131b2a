# A menu is still answerable the next morning, not the day after
phone +855 12 345 678

> menu
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
= topic menu|greeting
= wait 23 hours
> 2
< Before you go. Send a number:
  1. Legal ways to go
  2. Papers
  3. Costs
  4. Check an agency
  5. Is this job real?
  6. Contract
  7. What to prepare
  8. More topics
  9. Ask a person
= topic menu
= wait 25 hours
> 2
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
= topic none

# "2." and "# 1" are as good as 2 and 1; a number that is not in the menu asks again; twice wrong ends with a person to call
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
> 2.
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
> #1
< First, in Cambodia call 1297: say the country and the company, and ask if they are legal. Until you know, pay nothing and do not give your passport.
  More: send MORE
> menu
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
> 77
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
> 78
< Sorry, still not understood. You can call 1297 (work), or ask a person here.
  1. Ask a person
  2. Phone numbers
  3. Main menu

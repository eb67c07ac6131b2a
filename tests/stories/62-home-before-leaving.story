# A girl wants to leave school, then asks about age: what there is at home comes with the answer
phone +855 12 345 678

> i am 16 can i work in thailand
< Thai land border: closed since June 2025 (as of Aug 2026).
  Fishing and dangerous work in Thailand: 18 years at least. Under 18 do not go abroad to work. To talk, free, day and night, in Cambodia call 1280.
  More: send MORE
= topic age
> more
< Instead of leaving school: free skills courses of 4 months began in 2023, with 280,000 riel a month for poor youth, 38 trades. Ask what is open now: in Cambodia call 1297. More: send SCHOOL.
  More: send MORE
= says 280,000
> school
< Ask which courses are open now: in Cambodia call 1297. Free skills courses of 4 months, with 280,000 riel a month for poor youth, began in 2023.
  More: send MORE
= topic study
> more
< 38 skills to choose from, see tvet.gov.kh. After the course the job centre (NEA) helps to find work, free. Ask the same number where it is.
  More: send MORE
> more
< Thinking of leaving school for money? Tell your teacher and ask about scholarships: KAPE has helped girls in Kampong Cham since 2010, and nearly all of its last graduates found work (2016).
  More: send MORE
> more
< You are not alone: in 2023-24 about 15 in 100 left lower secondary school. Somebody offers a job abroad? Under 18 do not go. To talk, free, in Cambodia: 1280 (up to 25).

# Wages not paid, Korea, from a Korean number, English
phone +82 10 1234 5678

> my boss has not paid me for 3 months
< In Korea call 1577-0071 (every day, daytime) about pay; ask for Khmer. Write down every work day, the hours and the pay owed. Keep slips, photos and messages.
  More: send MORE
= topic unpaid_wages

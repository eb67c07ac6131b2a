# Wages not paid, Korea, from a Korean number, English
phone +82 10 1234 5678

> my boss has not paid me for 3 months
< Write down every work day, the hours and the pay owed. Keep slips, photos and messages. In Korea call 1577-0071 (every day, daytime); ask for Khmer.
  More: send MORE
= topic unpaid_wages

# Wages not paid, Korea, from a Korean number, English
phone +82 10 1234 5678

> my boss has not paid me for 3 months
= topic unpaid_wages

# A forwarded one-time code is not a question
phone +855 12 345 678

> Your verification code is 482910. Do not share it with anyone.
= nothing

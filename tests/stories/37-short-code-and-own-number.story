# A short code, a name, and our own number write to us: no answer, nothing kept
phone 1280
> ជំនួយ
= nothing
phone Smart
> You have won
= nothing
phone +1 500 555 0006
> ជំនួយ
= nothing

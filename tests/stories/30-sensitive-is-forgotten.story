# Somebody else picks up the phone twenty minutes later and asks for the last answer: nothing betrays the sender
phone +855 12 345 678

> គេចាក់សោខ្ញុំក្នុងបន្ទប់ មិនឲ្យចេញ
= topic sos
= wait 20 minutes
> back
= topic menu
> more
= topic menu

# Many texts in ten minutes: eight answers, then only emergencies
phone +855 12 345 678

> 1a
> 2a
> 3a
> 4a
> 5a
> 6a
> 7a
> 8a
> 9a
= nothing
> ជួយផង គេវាយខ្ញុំ
= topic sos
= wait 11 minutes
> menu
= topic menu

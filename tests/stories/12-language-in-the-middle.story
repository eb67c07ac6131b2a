# The language changes in the middle, the last answer comes again in the new one
phone +855 12 345 678

> ចង់ខ្ចីលុយបង់ថ្លៃទៅធ្វើការ
= topic loans|costs
> english
= language en
> ខ្មែរ
= language km

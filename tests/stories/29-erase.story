# Erase: one answer, then nothing is known; broadcasts stay off
phone +855 12 345 678

> ទៅថៃអស់ប៉ុន្មាន
= topic costs|legal_route
> លុបលេខខ្ញុំ
= topic erase
= erased
= broadcast withheld
> អ្នកដឹងអ្វីពីខ្ញុំ
= says nothing about before

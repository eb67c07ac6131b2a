# What it costs, then MORE, then BACK
phone +855 12 345 678

> ទៅធ្វើការក្រៅប្រទេសអស់លុយប៉ុន្មាន
= topic costs
> បន្ត
> ថយក្រោយ

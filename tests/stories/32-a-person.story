# Asking for a person
phone +855 12 345 678

> ចង់និយាយជាមួយមនុស្ស
= topic human
= case opened

# A mother cannot reach her daughter
phone +855 12 345 678

> កូនស្រីខ្ញុំទៅម៉ាឡេស៊ី ទាក់ទងមិនបាន ១ខែហើយ
= topic missing_person

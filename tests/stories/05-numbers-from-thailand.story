# Asking for phone numbers, not in danger, from a Thai SIM
phone +66 81 234 5678

> សុំលេខទូរស័ព្ទជួយពលករ
< នៅថៃ:
  1300 ជំនួយ 24ម៉ោង (ថៃ)
  1694 ការងារ (ខ្មែរ)
  1546 ប្រាក់ឈ្នួល (ថៃ)
  1669 ឡានពេទ្យ
  191 ប៉ូលិស: បើគ្មានឯកសារ ហៅតែពេលគ្រោះថ្នាក់ជីវិត
= topic helplines|country

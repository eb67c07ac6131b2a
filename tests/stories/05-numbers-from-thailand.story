# Asking for phone numbers, not in danger, from a Thai SIM
phone +66 81 234 5678

> សុំលេខទូរស័ព្ទជួយពលករ
< នៅថៃ:
  1300 ជំនួយ 24ម៉ោង
  1694 ការងារ (ខ្មែរ)
  1546 លុយខែ
  1669 ពេទ្យ
  191 ប៉ូលិស (គ្មានប័ណ្ណ: តែពេលគ្រោះថ្នាក់ជីវិត)
  អានទៀត ផ្ញើ: បន្ត
= topic helplines|country

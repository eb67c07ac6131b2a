# From Thailand: two keys lead to numbers that can be dialled there, on one Khmer screen
phone +66 81 234 5678

dial *1280#
< Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។
  1 ត្រូវការជំនួយ
  2 ភាសា/Language
  9 បន្ត
= topic greeting
= language km
> 1
< មានបញ្ហាអ្វី? ផ្ញើលេខ:
  1 មានគ្រោះថ្នាក់
  2 មិនបើកប្រាក់ខែ
  9 បន្ត
  0 ថយ
> 1
< ថៃ: គ្រោះថ្នាក់ 191, ពេទ្យ 1669; ជំនួយ 1300, 1694 (ខ្មែរ); នៅខ្មែរ 117
  9 បន្ត
= topic sos
= says 191
= case opened
= goes on
= again the same
> 9
< 1 ទទួលជា SMS
  0 ថយ
  00 ម៉ឺនុយ
> 00
< Phlov ជាម៉ាស៊ីនឆ្លើយ។ គេអាចអានបាន។
  1 ត្រូវការជំនួយ
  2 ភាសា/Language
  9 បន្ត
= topic menu
= no sms

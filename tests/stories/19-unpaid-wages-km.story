# Wages not paid in Thailand, asked from a Cambodian SIM with Khmer digits
phone +855 12 345 678

> ធ្វើការនៅថៃ ២ខែហើយ មិនទាន់បានប្រាក់ខែទេ
< កត់ថ្ងៃធ្វើការ ម៉ោង និងលុយដែលគេជំពាក់។ ទុកក្រដាសបើកលុយ រូប និងសារ។ នៅថៃ តេ 1546 សុំអ្នកចេះខ្មែរ។
  អានទៀត ផ្ញើ: បន្ត
= topic unpaid_wages

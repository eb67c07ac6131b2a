# Wages not paid in Thailand, asked from a Cambodian SIM with Khmer digits
phone +855 12 345 678

> ធ្វើការនៅថៃ ២ខែហើយ មិនទាន់បានប្រាក់ខែទេ
= topic unpaid_wages

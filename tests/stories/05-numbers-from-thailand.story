# Asking for phone numbers, not in danger, from a Thai SIM
phone +66 81 234 5678

> សុំលេខទូរស័ព្ទជួយពលករ
= topic helplines

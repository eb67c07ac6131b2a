# Can I trust this broker?
phone +855 12 345 678

> អាចទុកចិត្តក្រុមហ៊ុននេះបានទេ គេថានាំទៅម៉ាឡេស៊ី
= topic agency_check

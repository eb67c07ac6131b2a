# Numbers of home do not ring abroad: another number, or the family who can call
phone +60 12 345 6789

> កូនស្រីខ្ញុំបាត់ដំណឹង
< កត់៖ ឈ្មោះ កន្លែង ថ្ងៃតេចុងក្រោយ លេខថៅកែ មេខ្យល់។ រករូបថត។ នៅកម្ពុជា តេ 117; ពីក្រៅ ភាសាខ្មែរ +85523224841។
  អានទៀត ផ្ញើ: បន្ត
= topic missing_person

> ពិនិត្យការងារមុនទៅកូរ៉េ គេថាមានការងារល្អ ពិតទេ
< ទៅកូរ៉េ គ្មានក្រុមហ៊ុន ឬមេខ្យល់ណាមានសិទ្ធិទេ មានតែរដ្ឋបញ្ជូន។ កុំបង់លុយ កុំឱ្យលិខិតឆ្លងដែន។ សួរ នៅខ្មែរ តេ 1297។
  គ្រួសារតេឱ្យបាន។
  អានទៀត ផ្ញើ: បន្ត
= topic job_offer

> ខ្ញុំចង់រៀនជំនាញ
< សួរថាឥឡូវវគ្គណាបើក៖ នៅខ្មែរ តេ 1297។ វគ្គជំនាញឥតគិតថ្លៃ 4 ខែ មានពី 2023 យុវជនក្រីក្របាន 280,000 រៀលក្នុងមួយខែ។
  គ្រួសារតេឱ្យបាន។
  អានទៀត ផ្ញើ: បន្ត
= topic study

> sit kamakor nov Thai
< Ban chlong den tver kar nov Thai: min toan bontor (domneng 2/2026).
  Kot maong neng luy. Thai: 8 maong/thngai, 48/sabda, chhob 1 thngai (2014), chhnuol tab bomphot 337-400 baht/thngai (pi 7/2025). Nov Thai tel 1546.
  An teat, phnher: BONTOR
= topic rights

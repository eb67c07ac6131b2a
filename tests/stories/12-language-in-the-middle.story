# The language changes in the middle, the last answer comes again in the new one
phone +855 12 345 678

> ចង់ខ្ចីលុយបង់ថ្លៃទៅធ្វើការ
< និយាយជាមួយអ្នកឱ្យខ្ចីឱ្យបានឆាប់ សុំបង់តិច ឬបង់ក្រោយ។ ប្ដឹងធនាគារ ឬមីក្រូហិរញ្ញវត្ថុ តេ 015 365 222។ ខ្លាចបាត់ដី សួរមេធាវីឥតគិតថ្លៃ នៅកម្ពុជា 1281។
  អានទៀត ផ្ញើ: បន្ត
= topic loans|costs
> english
< Talk to the lender early: ask to pay less or later. Complaint about a bank or microfinance: call 015 365 222. Land in danger? Free legal advice, in Cambodia: 1281.
  More: send MORE
= language en
> ខ្មែរ
< និយាយជាមួយអ្នកឱ្យខ្ចីឱ្យបានឆាប់ សុំបង់តិច ឬបង់ក្រោយ។ ប្ដឹងធនាគារ ឬមីក្រូហិរញ្ញវត្ថុ តេ 015 365 222។ ខ្លាចបាត់ដី សួរមេធាវីឥតគិតថ្លៃ នៅកម្ពុជា 1281។
  អានទៀត ផ្ញើ: បន្ត
= language km

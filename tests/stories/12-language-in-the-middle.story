# The language changes in the middle, the last answer comes again in the new one
phone +855 12 345 678

> ចង់ខ្ចីលុយបង់ថ្លៃទៅធ្វើការ
< អាទិត្យនេះ សុំបង់តិច ឬបង់ក្រោយ កុំចាំហួសខែ។ គេមិនស្ដាប់ ប្ដឹងធនាគារ មីក្រូ តេ 015 365 222។ គិតការប្រាក់ ផ្ញើ: កម្ចី
  អានទៀត ផ្ញើ: បន្ត
= topic loans|costs
> english
< This week ask the lender to pay less or later, before you miss a month. They will not listen? Complain about a bank or microfinance: call 015 365 222. To count the interest send LOAN
  More: send MORE
= language en
> ខ្មែរ
< អាទិត្យនេះ សុំបង់តិច ឬបង់ក្រោយ កុំចាំហួសខែ។ គេមិនស្ដាប់ ប្ដឹងធនាគារ មីក្រូ តេ 015 365 222។ គិតការប្រាក់ ផ្ញើ: កម្ចី
  អានទៀត ផ្ញើ: បន្ត
= language km

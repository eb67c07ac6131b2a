# The phone shows boxes instead of Khmer letters
phone +855 12 345 678

> ចង់ធ្វើលិខិតឆ្លងដែន
< ត្រូវមាន៖ លិខិតឆ្លងដែនខ្លួនឯង ($100 បាន 15 ថ្ងៃធ្វើការ តម្លៃ 2023) វីសាធ្វើការ (មិនមែនទេសចរ) កិច្ចសន្យាខ្មែរ ពិនិត្យសុខភាព។ នៅកម្ពុជា តេ 1297។
  អានទៀត ផ្ញើ: បន្ត
= topic documents
> i see only boxes
< Trov mean: passport khluon eng ($100 ban 15 thngai tver kar, thlai 2023), visa tver kar (ort men tesachor), kech sanya jea khmer, neng pinit sokhapheap. Nov Kampuchea suor 1297.
  An teat, phnher: BONTOR
= language km_Latn

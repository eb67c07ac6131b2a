# The phone shows boxes instead of Khmer letters
phone +855 12 345 678

> ចង់ធ្វើលិខិតឆ្លងដែន
< ត្រូវមាន៖ លិខិតឆ្លងដែនខ្លួនឯង វីសាធ្វើការ (មិនមែនទេសចរ) កិច្ចសន្យាជាខ្មែរ និងពិនិត្យសុខភាព។ ទុកលិខិតឆ្លងដែនខ្លួនឯង។ នៅកម្ពុជា សួរ 1297។
  អានទៀត ផ្ញើ: បន្ត
= topic documents
> i see only boxes
< Trov mean: passport khluon eng, visa tver kar (ort men tesachor), kech sanya jea khmer, neng pinit sokhapheap. Tuk passport khluon eng. Nov Kampuchea suor 1297.
  An teat, phnher: BONTOR
= language km_Latn

# The phone shows boxes instead of Khmer letters
phone +855 12 345 678

> ចង់ធ្វើលិខិតឆ្លងដែន
< ធ្វើលិខិតឆ្លងដែនសិន៖ យកអត្តសញ្ញាណប័ណ្ណ សៀវភៅគ្រួសារ ឬស្នាក់នៅ។ $100 បាន 15 ថ្ងៃធ្វើការ (2023)។ សួរ នៅខ្មែរ តេ 1297។
  អានទៀត ផ្ញើ: បន្ត
= topic documents
> i see only boxes
< Tver passport khluon eng sen: yok attasanhanaban, sievphov krousar reu snak nov. $100 ban 15 thngai tver kar (thlai 2023). Suor: nov srok khmer tel 1297.
  An teat, phnher: BONTOR
= language km_Latn

# The gateway repeats a request: the same bytes come back, nothing is asked twice
phone +855 12 345 678

> ថៅកែដកលិខិតឆ្លងដែនខ្ញុំ
< វាជារបស់អ្នក។ ធ្វើវីសារួច ក្រុមហ៊ុនទុកតែថតចម្លងបានហើយ។ បើសុវត្ថិភាព សុំវិញ។ នៅកម្ពុជា តេ 1297 យប់ថ្ងៃ។
  អានទៀត ផ្ញើ: បន្ត
= topic passport_kept
= again the same

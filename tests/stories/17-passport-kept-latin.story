# The same in Latin letters from Malaysia
phone +60 12 345 6789

> thaoke yok passport nhom min oy vinh te
< Vea jea robos neak. Ber sovathepheap, som vinh reu som bangkandai. Thot rub vea tuk. Chenh ort ban: nov Malaysia tel 03 8000 8000 (7:30-21:00).
  An teat, phnher: BONTOR
= topic passport_kept

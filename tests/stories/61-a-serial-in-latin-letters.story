# A name of the list opens a story while the list is open; without the list the same word is a question
phone +855 12 345 678

> reung
< Reung klei, taeng pi avey del thlob kert, reung 1 mean 3 pheak. Phnher lek:
  1. Touk nesat
  2. Bdey nov Chen
  3. Kar sruol
  4. Pteah thaoke
  5. Bomnol
  6. Domner la-or
  7. Menu
= topic story
> nesat
< Sokha ayu 19. Ke sanya oy tver kar rong chak trey ler kok. Yub nuh lan berk huos rong chak, tov chhob mot toek. Mean touk 1 cham nov ti nuh...
  An teat, phnher: BONTOR
= topic story
> bontor
< 3 khae ort khernh dey. "Brak khae? Anh tinh eng pi mekhyal, eng chompeak anh." Sokha nov sngiem. Kot luoch kot ler krodas barey: maong, chhmos, lek touk.
  An teat, phnher: BONTOR
> bontor
< Dol kompong phae, neak dam bay 1 neak oy khchey phone. Kot tel tov lek del mday oy cham. Krodas knong sbaek cherng niyeay chomnuos kot. Tver thngai nis: cham lek 1 knong chet, nov srok khmer 1297.
> bomnol
< Atit nis som neak oy khchey bong tech reu bong kroy, kom cham huos khae. Ke ort sdab: bdeng bank reu microfinance, tel 015 365 222. Kit kar brak, phnher: KAMCHEY
  An teat, phnher: BONTOR
= topic loans

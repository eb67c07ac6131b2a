# In debt to a microfinance lender
phone +855 12 345 678

> mfi ka brak thlai pek sorng min ban
< Atit nis som neak oy khchey bong tech reu bong kroy, kom cham huos khae. Ke ort sdab: bdeng bank reu microfinance, tel 015 365 222. Kit kar brak, phnher: KAMCHEY
  An teat, phnher: BONTOR
= topic loans

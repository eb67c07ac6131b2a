# In debt to a microfinance lender
phone +855 12 345 678

> mfi ka brak thlai pek sorng min ban
< Atit nis tov niyeay jea muoy neak oy khchey, som bong tech reu bong kroy, kom cham huos khae. Ke ort sdab: bdeng bank reu microfinance, tel 015 365 222.
  An teat, phnher: BONTOR
= topic loans

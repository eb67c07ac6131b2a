# In debt to a microfinance lender
phone +855 12 345 678

> mfi ka brak thlai pek sorng min ban
< Niyeay jea muoy neak oy khchey oy ban chhab, som bong tech reu bong kroy. Bdeng bank reu microfinance: tel 015 365 222. Khlach bat dey, suor methevi free nov Kampuchea 1281.
  An teat, phnher: BONTOR
= topic loans

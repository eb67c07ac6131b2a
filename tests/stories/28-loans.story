# In debt to a microfinance lender
phone +855 12 345 678

> mfi ka brak thlai pek sorng min ban
= topic loans

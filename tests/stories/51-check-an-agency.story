# No list is loaded: the bot says so. Then one is, and names are found as people write them.
phone +855 12 345 678
> AGENCY rumdoul meas
< I have no list of licensed companies here. Ask the labour ministry: in Cambodia call 1297. Until then pay nothing and give no passport.
= topic agency_check
= says I have no list
= says 1297
> agency
< In Cambodia call 1297 and ask: is this company on the ministry's list? If not, it is illegal: pay nothing, give no passport, and report it.
  More: send MORE
= says 1297
= agencies imported
> AGENCY Rumduol Meas co ltd
< Rumdoul Meas Manpower Co., Ltd (012/20; Thailand): on the list of 1/11/2026. Lists grow old and names are copied: before you pay, ask in Cambodia 1297.
= says on the list of 1/11/2026
= says 012/20
= says before you pay, ask in Cambodia 1297
> agency
< Which company? Send its name as it stands on its paper or sign. Or ask the labour ministry: in Cambodia call 1297.
= says Which company?
> phnom thmey
< Which one? On the list of 1/11/2026:
  1. Phnom Thmey Services
  2. Phnom Thmei Group
  3. None of these
  Send a number.
= says 1. Phnom Thmey Services
= says 3. None of these
> 1
< Phnom Thmey Services (014/20; Thailand +2): on the list of 1/11/2026. Lists grow old and names are copied: before you pay, ask in Cambodia 1297.
= says Phnom Thmey Services (014/20; Thailand +2)
> company sovan phum
< Sovan Phum (Cambodia) Co. (016/20; Singapore): on the list of 1/11/2026 its licence is stopped or over. Pay nothing, give no passport. Ask in Cambodia 1297.
= says its licence is stopped or over. Pay nothing
= wait 11 minutes
> AGENCY golden bridge
< This name is not on the list of 1/11/2026. It may be written in another way: ask in Cambodia 1297. Until then pay nothing and give no passport.
= says This name is not on the list of 1/11/2026
= says pay nothing and give no passport
> agency took my passport
< It is yours: after the visa a copy is enough for a company. If it is safe, ask to have it back. In Cambodia call 1297, day and night.
  More: send MORE
= topic passport_kept
> agency korea
< No company may recruit for Korea; only the government sends workers. If one offers it, pay nothing, give no passport, and report it: in Cambodia call 1297.
= says No company may recruit for Korea

# Korea has one way only
phone +855 12 345 678

> how can i go work in korea legally
< Only the government (MTOSB) sends workers to Korea. No company or broker may. You pass the EPS-TOPIK test and are 18 to 39. In Cambodia call 1297.
  More: send MORE
= topic legal_route

# Korea has one way only
phone +855 12 345 678

> how can i go work in korea legally
< Only the government (MTOSB) sends workers to Korea, no company does. You need to be 18 to 39 and pass the EPS-TOPIK test. Ask about the test: in Cambodia call 1297.
  More: send MORE
= topic legal_route

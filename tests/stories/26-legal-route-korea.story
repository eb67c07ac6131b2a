# Korea has one way only
phone +855 12 345 678

> how can i go work in korea legally
= topic legal_route

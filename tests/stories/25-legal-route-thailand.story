# Going to Thailand the legal way: the notice on the closed border comes first
phone +855 12 345 678

> ចង់ទៅធ្វើការថៃស្របច្បាប់ ធ្វើម៉េច
= topic legal_route
= says 2025

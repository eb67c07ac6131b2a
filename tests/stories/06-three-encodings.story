# "Woman" typed in three ways that look the same: one question, one answer
phone +855 12 345 678

> ស្ត្រីរៀបការទៅចិនតាមមេអណ្ដើក ខុសច្បាប់ទេ
= topic marriage_abroad
> ស្រ្តីរៀបការទៅចិនតាមមេអណ្ដើក ខុសច្បាប់ទេ
= topic marriage_abroad
> ស្រី្តរៀបការទៅចិនតាមមេអណ្ដើក ខុសច្បាប់ទេ
= topic marriage_abroad

"""A hotline in RapidSMS: the same job as the other cells, written as its documentation teaches."""

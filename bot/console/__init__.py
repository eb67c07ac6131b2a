"""The staff console: pages under `/console/`. Nothing of it is loaded before the first of them is asked for."""

"""Measures Phlov against a bare ceiling and a peer, on one machine, in one run: `python -m benchmarks`."""

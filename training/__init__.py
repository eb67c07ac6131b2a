"""Learns from messages/examples/ what understanding needs; used by `make words`, never by the serving process."""

"""What is printed or read aloud: booklet, poster and script, each one HTML page that needs nothing else."""

from __future__ import annotations

from bot.printing.booklet import booklet
from bot.printing.edition import Edition
from bot.printing.poster import poster
from bot.printing.script import script

__all__ = ["KINDS", "Edition"]

KINDS = {"booklet": booklet, "poster": poster, "script": script}
"""How each kind is made: an edition in, HTML out."""

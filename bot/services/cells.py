"""Cells of CSV and XLSX files that no spreadsheet takes for a formula, and that come back as they were (X3)."""

from __future__ import annotations

import re
from typing import Final

FORMULA: Final = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
"""What begins a formula, or is dropped in front of one; also in the wide letters of East Asia, which some turn back."""
BLANK: Final = " \u00a0\u200b\u200c\u200d\u2060\ufeff"
"""What some programs trim away, and then see what follows."""
MARK: Final = "'"

_UNSPEAKABLE = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_SPELT = re.compile("_x([0-9A-Fa-f]{4})_")


def safe(value: str) -> str:
    """The value as a cell: with an apostrophe in front if a spreadsheet could run it. `plain` takes it off again."""
    return MARK + value if _risky(value) else value


def plain(cell: str) -> str:
    """The value of a cell. `plain(safe(value)) == value` for every value, and what nobody marked stays as it is."""
    return cell[1:] if cell.startswith(MARK) and _risky(cell[1:]) else cell


def spelt(cell: str) -> str:
    """The cell for XLSX, whose XML has no control characters: as `_x000D_`, which spreadsheets read as one."""
    return _UNSPEAKABLE.sub(_spell, cell)


def unspelt(cell: str) -> str:
    """The cell that `spelt` wrote."""
    return _SPELT.sub(lambda found: chr(int(found[1], 16)), cell)


def _spell(found: re.Match[str]) -> str:
    """A control character as its number; what only looks like one has its first line spelt out."""
    return f"_x005F_{found[0][1:]}" if len(found[0]) > 1 else f"_x{ord(found[0]):04X}_"


def _risky(value: str) -> bool:
    """Marks in front count as part of it, or a value that begins with one would lose it."""
    return value.lstrip(MARK).lstrip(BLANK)[:1] in tuple(FORMULA)

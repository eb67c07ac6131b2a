"""How a person is shown to staff who need not know the number."""

from __future__ import annotations

import re
from typing import Final

from bot.phone import calling_code

HIDDEN: Final = "•••••"
"""Always as many, so that nobody counts what is behind them."""
SHOWN: Final = 2
_E164 = re.compile(r"\+[0-9]{7,15}")


def masked(e164: str | None) -> str:
    """A number as staff see it: its country's code and its last two digits, as `+855 •••••78`.

    Of somebody whose number is not kept any more, or of what is no number, nothing is shown.
    """
    if e164 is None or _E164.fullmatch(e164) is None:
        return HIDDEN
    found = calling_code(e164)
    return f"{found[0]} {HIDDEN}{e164[-SHOWN:]}" if found else HIDDEN

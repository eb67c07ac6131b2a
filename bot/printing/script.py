"""The script for a loudspeaker: pauses marked, numbers spelt out digit by digit."""

from __future__ import annotations

import re

from bot.printing.edition import Edition
from bot.printing.page import render

SENTENCE = re.compile("(?<=[.?:\u17d4\u17d6])\\s+")
"""Where a sentence ends, also at the Khmer full stop and colon."""
BETWEEN = "\u00a0\u00b7 "
PAUSE, LONG_PAUSE = " / ", " //"


def script(edition: Edition) -> str:
    """The script as HTML, in large letters."""
    return render("script", edition, said=spoken(edition))


def spoken(edition: Edition) -> list[str]:
    """What is said, with a pause after each sentence and a long one at the end of each thought."""

    def tell(number: str) -> str:
        return f"{spelt(edition, number)} ({number})"

    thoughts = edition.lines("print/script", edition.book.paper.script, tell)
    return [PAUSE.join(SENTENCE.split(thought)) + LONG_PAUSE for thought in thoughts]


def spelt(edition: Edition, number: str) -> str:
    """A number or code as it is said: digit by digit, with a pause between its groups."""
    digits = [edition.say("print/digit", digit) for digit in edition.book.paper.digits]

    def said(sign: str) -> str:
        return digits[int(sign)] if sign.isdecimal() else sign

    groups = re.findall(r"[^\W_]+", number)
    return PAUSE.join(BETWEEN.join(said(sign) for sign in group) for group in groups)

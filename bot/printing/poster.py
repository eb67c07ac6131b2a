"""The poster: one A4 page for a wall, a bus stop, a pagoda."""

from __future__ import annotations

from bot.printing.cards import cards
from bot.printing.edition import Edition
from bot.printing.page import render


def poster(edition: Edition) -> str:
    """The poster as HTML, about home and the edition's country."""
    here = cards(edition)[: 2 if edition.country else 1]
    return render(
        "poster",
        edition,
        notices=edition.notices("legal_route"),
        know=list(edition.lines("print/know", edition.book.paper.know)),
        cards=here,
    )

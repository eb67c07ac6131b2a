"""Which broadcast of a repeated one comes before and after which: by the requests `services.repeats` gives them."""

from __future__ import annotations

from typing import Final

from bot.store import broadcasts as store
from bot.store.broadcasts import Known
from bot.store.database import Tx
from bot.store.stages import Stage

ORIGIN: Final = "repeat:"


def place(known: Known) -> tuple[str, int]:
    """The request of the first one, and which of them this is."""
    if known.origin is None or not known.origin.startswith(ORIGIN):
        return known.request, 1
    root, _, number = known.request.rpartition(":")
    return root, int(number)


def request(root: str, number: int) -> str:
    """How one of them is asked for."""
    return root if number == 1 else f"{root}:{number}"


def before(tx: Tx, known: Known) -> Known | None:
    """The one before it; None if it is the first, or does not come again."""
    root, number = place(known)
    return store.asked_for(tx, request(root, number - 1)) if number > 1 else None


def to_come(tx: Tx, known: Known) -> list[int]:
    """Those after it that have been made and have not begun."""
    if known.repeats is None:
        return []
    root, number = place(known)
    return [
        each.id
        for each in store.unclosed(tx)
        if each.origin == ORIGIN + root and place(each)[1] > number and not begun(each)
    ]


def begun(known: Known) -> bool:
    """Whether its recipients were or are being written down, or it is over."""
    stage = known.paused_from or Stage.SCHEDULED if known.state == Stage.PAUSED else known.state
    return stage > Stage.SCHEDULED


def stopped(known: Known) -> bool:
    """Whether it was paused, and nobody has let it go on."""
    return known.state in (Stage.PAUSED, Stage.EXPIRED) and known.paused_from is not None

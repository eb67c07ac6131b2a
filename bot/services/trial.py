"""A broadcast as a few of staff get it on their own phones beforehand: the same words, counted apart from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from bot.phone import NotAPhone, parse
from bot.services.compose import Composed, Written
from bot.services.retry import HOUR
from bot.services.service import Service
from bot.store import trials
from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND
from bot.store.state import SETTLED, State

MOST: Final = 20
"""A test goes to no more phones: to more people it would be a broadcast without its rules."""


class BadTrial(ValueError):
    """It cannot be sent to these numbers. One clear sentence, which names the place in the list and no number; pages
    have words of their own, by `name`."""

    def __init__(self, said: str, name: str, **fills: object) -> None:
        super().__init__(said)
        self.name, self.fills = name, fills


class Trial(NamedTuple):
    """The rows of the texts in the outbox, how many phones they go to, and how many numbers had said STOP."""

    rows: Sequence[int]
    phones: int
    stopped: int


def phones(numbers: Iterable[str]) -> list[str]:
    """The numbers as they are dialled from anywhere, each once. Raises `BadTrial`."""
    found: dict[str, None] = {}
    for place, number in enumerate(numbers, 1):
        try:
            found[parse(number).e164] = None
        except NotAPhone as error:
            raise BadTrial(f"number {place} of the list is no phone number: {error}", "number", row=place) from None
    if not 0 < len(found) <= MOST:
        raise BadTrial(f"a test goes to 1 to {MOST} phones, these are {len(found)}", "many", most=MOST)
    return list(found)


def send(
    service: Service,
    channel: str,
    composed: Composed,
    numbers: Iterable[str],
    beside: Callable[[Tx], None] = lambda _: None,
) -> Trial:
    """Put the texts in the outbox, every language for every phone, for an hour. Who said STOP gets none.

    `beside`: what else is kept in the same transaction.

    Raises `BadTrial`, also for texts that could not be sent as a broadcast, and `StoreError`.
    """
    if not composed.sound:
        raise BadTrial("the text cannot be sent as it is", "unsound")
    to = phones(numbers)
    now = service.now()
    first = service.database.new_id(now, len(to) * len(composed.texts))

    def work(tx: Tx) -> Trial:
        open_ = [each for each in to if not trials.stopped(tx, service.vault.number_key(each))]
        pairs = [(number, text) for number in open_ for text in composed.texts]
        for row, (number, text) in enumerate(pairs, first):
            tx.put(WAIT_OUTBOUND, **_kept(service, row, number, text), channel=channel, **_times(now))
        beside(tx)
        return Trial(range(first, first + len(pairs)), len(open_), len(to) - len(open_))

    sent = service.database.write(work)
    service.wake(channel)
    return sent


def _kept(service: Service, row: int, number: str, text: Written) -> dict[str, Any]:
    """A text for one phone, as the outbox keeps it."""
    return {
        "id": row,
        "inbound_id": None,
        "contact_id": None,
        "text_sealed": service.vault.seal(text.words.encode(), "outbound", row),
        "parts": text.parts,
        "priority": 1,
        "state": State.QUEUED,
        "to_sealed": service.vault.seal(number.encode(), "to", row),
        "lease_until": None,
        "repeats": 0,
    }


def _times(now: int) -> dict[str, int]:
    return {"created_at": now, "due_at": now, "expires_at": now + HOUR}


def outcomes(service: Service, trial: Trial) -> Mapping[str, int]:
    """How many of the texts wait, went, failed, or may have gone. Raises `StoreError`."""
    found = service.database.read(lambda tx: trials.states(tx, trial.rows))
    went = {State.ACCEPTED, State.SENT, State.DELIVERED, State.READ}
    counts = {"waiting": 0, "sent": 0, "failed": 0, "unknown": 0}
    for state, count in found.items():
        if state < SETTLED:
            counts["waiting"] += count
        elif state is State.UNKNOWN:
            counts["unknown"] += count
        else:
            counts["sent" if state in went else "failed"] += count
    return counts

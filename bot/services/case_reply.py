"""A reply of staff by SMS: what it costs, what is wrong with it, and sending it once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple
from unicodedata import category

from bot.check.wording import alarming
from bot.content.book import Book
from bot.content.ledger import numbers
from bot.phone import NotAPhone, parse
from bot.services import case_rules as rules
from bot.services.audit import Event
from bot.services.audit import note as keep_note
from bot.services.case_files import Act, Done, about, change_open, keep, number, unread
from bot.services.case_rules import Refused, Why
from bot.services.service import Service
from bot.store import case_talk as talk
from bot.store import cases as store
from bot.store.cases import Kind, Known
from bot.store.database import Tx
from bot.store.messages import WAIT_OUTBOUND
from bot.store.state import State
from bot.text.khmer import clean
from bot.text.sms import Encoding, segments

MOST_PARTS: Final = 3
"""As long as an answer of the bot may be (H3)."""
LONGEST: Final = 2_000
"""Characters that are looked at."""
PRIORITY: Final = 1
"""As an answer of the bot: after those to emergencies."""

LINK: Final = re.compile(
    r"https?:|\bwww\.|\b[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*\.[a-z]{2,}/"
    r"|\b[a-z0-9-]{2,}\.(?:com|org|net|gov|info|biz|io|ly|gl|app|link|site|online|kh|th|my|kr|jp|sg|tw)\b",
    re.IGNORECASE,
)
"""What looks like an address in the web. A blank that is missing after a full stop makes none."""
_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\u17b4\u17b5]")


class Fault(StrEnum):
    """Why a reply cannot go; pages have the words."""

    EMPTY = "empty"
    LONG = "long"
    HIDDEN = "hidden"
    """It holds signs that nobody sees, or that turn words round."""
    ALARMING = "alarming"
    """A word that betrays the person stands where a locked phone shows it (H1)."""
    LINK = "link"
    REFUSED = "refused"
    """A number that must never be said."""
    OWN = "own"
    """A number of ours."""
    GONE = "gone"
    """Their number is not kept."""
    STOPPED = "stopped"
    """They said STOP, and have not asked anything since, or too long ago."""
    BLOCKED = "blocked"
    DEAD = "dead"
    """The network knows no such number."""
    NO_CHANNEL = "no_channel"
    """No gateway is known by which they can be reached."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as it would go. `words`: what the faults are about. No cost: nobody gave a price."""

    text: str
    encoding: Encoding
    units: int
    parts: int
    cost: Decimal | None
    currency: str | None
    channel: str | None
    faults: tuple[Fault, ...]
    words: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it can go."""
        return not self.faults


class _Person(NamedTuple):
    """Whom it is for. `last_word`: the row of their newest text."""

    number: str | None
    channel: str | None
    last_word: int | None
    stopped: bool
    blocked: bool
    dead: bool
    country: str | None
    network: str | None


def compose_reply(service: Service, case_id: int, text: str) -> Draft:
    """A reply as it would go to the person of a case. Raises `Refused` if there is none, and `StoreError`."""

    def work(tx: Tx) -> _Person:
        known = store.get(tx, case_id)
        if known is None:
            raise Refused(Why.GONE)
        return _person(service, tx, known)

    return _draft(service, service.database.read(work), text)


def reply(
    service: Service, case_id: int, text: str, by: str, staff_id: int, *, request: str, seen: int | None = None
) -> int:
    """Put a reply in the outbox, once for each `request`; the row of the text. The case then waits for the person.

    Raises `Refused`: if somebody else is answering, the person has texted since `seen` (the `news_at` that was shown),
    or the draft has faults. Raises `StoreError`.
    """
    now = service.now()

    def work(tx: Tx, known: Known) -> tuple[int, str | None]:
        before = talk.replied(tx, case_id, Done.REPLY, request)
        if before is not None:
            return before, None
        unread(known, seen)
        if not store.act(tx, "lock", case_id, staff=staff_id, at=now, until=now + rules.LOCK):
            raise Refused(Why.LOCKED, known.holder, known.locked_until or 0)
        person = _person(service, tx, known)
        draft = _draft(service, person, text)
        if not draft.sound or draft.channel is None:
            raise Refused(Why.FAULTY)
        row = _send(service, tx, known, person, draft)
        store.act(tx, "answered", case_id, staff=staff_id, at=now, until=now + rules.ANSWERED)
        keep(service, tx, case_id, Act(Done.REPLY, staff_id, request, draft.text, row))
        keep_note(service, tx, Event.CASE_REPLIED, by, about=about(case_id), parts=draft.parts)
        return row, draft.channel

    row, channel = change_open(service, case_id, work)
    if channel is not None:
        service.wake(channel)
    return row


def _person(service: Service, tx: Tx, known: Known) -> _Person:
    now, last = service.now(), talk.last_word(tx, known.contact_id)
    again = known.opted_out_at is None or known.kind == Kind.EMERGENCY
    asked = last is not None and last.at > now - rules.STOPPED and (again or last.at > (known.opted_out_at or 0))
    if last is not None and last.medium == "sms":
        channel: str | None = last.channel
    else:
        channel = service.sms_channel or talk.last_channel(tx, known.contact_id)
    return _Person(
        number=number(service.vault, known),
        channel=channel,
        last_word=last.id if last and asked else None,
        stopped=known.opted_out_at is not None,
        blocked=known.blocked_at is not None,
        dead=known.dead_at is not None,
        country=known.country,
        network=known.network,
    )


def _draft(service: Service, person: _Person, raw: str) -> Draft:
    text = _tidy(raw[:LONGEST])
    cost = segments(text)
    found = [*_of_person(person), *_of_words(service, raw[:LONGEST], text)]
    price = _price(service, person, len(cost.parts))
    return Draft(
        text=text,
        encoding=cost.encoding,
        units=cost.units,
        parts=len(cost.parts),
        cost=price[0] if price else None,
        currency=price[1] if price else None,
        channel=person.channel,
        faults=tuple(dict.fromkeys(fault for fault, _ in found)),
        words=tuple(dict.fromkeys(word for _, word in found if word)),
    )


def _price(service: Service, person: _Person, parts: int) -> tuple[Decimal, str] | None:
    country = person.country or (parse(person.number).country if person.number else None)
    return service.prices.cost(country, person.network, parts)


def _of_person(person: _Person) -> Iterator[tuple[Fault, str]]:
    faults = (
        (person.number is None, Fault.GONE),
        (person.stopped and person.last_word is None, Fault.STOPPED),
        (person.blocked, Fault.BLOCKED),
        (person.dead, Fault.DEAD),
        (person.channel is None, Fault.NO_CHANNEL),
    )
    yield from ((fault, "") for wrong, fault in faults if wrong)


def _of_words(service: Service, raw: str, text: str) -> Iterator[tuple[Fault, str]]:
    if not text:
        yield Fault.EMPTY, ""
        return
    if len(segments(text).parts) > MOST_PARTS or len(raw) >= LONGEST:
        yield Fault.LONG, ""
    if any(char not in "\n\r\t" and category(char)[0] == "C" for char in _UNSEEN.sub("", raw)):
        yield Fault.HIDDEN, ""
    if link := LINK.search(text):
        yield Fault.LINK, link[0]
    if service.book:
        yield from _said(service.book, text)
    yield from ((Fault.OWN, said) for said in _called(text) if said in service.own_numbers)


def _said(book: Book, text: str) -> Iterator[tuple[Fault, str]]:
    word = alarming(book, text)
    if word:
        yield Fault.ALARMING, word
    yield from ((Fault.REFUSED, said) for said in numbers(text) if said in book.refused)


def _called(text: str) -> Iterator[str]:
    """The phones that whoever reads this could call, in E.164."""
    for said in numbers(text):
        for written in (said, f"+{said}"):
            try:
                yield parse(written).e164
            except NotAPhone:
                continue


def _tidy(raw: str) -> str:
    """The words as they go out: lines without blanks at their ends, nothing unseen."""
    lines = clean(_UNSEEN.sub("", raw).replace("\u00a0", " ")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _send(service: Service, tx: Tx, known: Known, person: _Person, draft: Draft) -> int:
    """Put it in the outbox. Who says STOP before it goes does not get it; who said so before they asked, and is
    answered all the same, gets it as the answer to their own last text."""
    now = service.now()
    row = service.database.new_id(now)
    answer = person.stopped
    tx.run(
        WAIT_OUTBOUND,
        id=row,
        inbound_id=person.last_word if answer else None,
        contact_id=None if answer else known.contact_id,
        channel=draft.channel,
        text_sealed=service.vault.seal(draft.text.encode(), "outbound", row),
        parts=draft.parts,
        priority=PRIORITY,
        state=State.QUEUED,
        created_at=now,
        to_sealed=service.vault.seal((person.number or "").encode(), "to", row) if answer else None,
        due_at=now,
        expires_at=now + rules.LIFE,
        lease_until=None,
        repeats=1,
    )
    return row

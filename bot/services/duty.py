"""Duty phones: who of staff is told by SMS that an emergency waits, as long as nobody has seen it.

An alert says how many wait and nothing else: no number, no word, no country of anybody (H18). Each tells of all who
wait. It goes to the phones in turn, every five minutes the next, three rounds, and then once an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Self, cast

from bot.content.book import LANGUAGES, Language
from bot.phone import NotAPhone, parse
from bot.services import staff
from bot.services.audit import About, Event, note
from bot.services.faces import masked
from bot.services.names import folded
from bot.services.replies import parts
from bot.services.retry import HOUR, MINUTE
from bot.services.roles import Act, Role, may
from bot.services.service import Service
from bot.store import duty as store
from bot.store import marks
from bot.store.crypto import Unsealable
from bot.store.database import T, Tx
from bot.store.duty import Waiting
from bot.store.messages import WAIT_OUTBOUND
from bot.store.state import State

NEXT: Final = 5 * MINUTE
"""After so long without anybody the next phone is told."""
ROUNDS: Final = 3
"""So often each phone is told so; from then on one of them an `HOUR`."""
APART: Final = MINUTE
"""No two alerts come closer together, however many emergencies there are,"""
MOST: Final = 12
"""and no more of them in an hour."""
LIFE: Final = 15 * MINUTE
"""An alert that could not be sent for so long is not sent: newer ones have followed it."""
PHONES: Final = 20
PURPOSE: Final = "duty"
"""What the numbers are sealed for."""
ALERT: Final = "duty.alert"
TEST: Final = "duty.test"
LINKED: Final = "_at"
"""The states of both with the address of the console in them are called so."""
HOUR_COUNTS: Final = 1_000
_LOCK: Final = b"duty\0\0\0\0"


class Why(StrEnum):
    """Why something was not done."""

    OWNER = "owner"
    NUMBER = "number"
    OURS = "ours"
    TAKEN = "taken"
    MANY = "many"
    CHANNEL = "channel"
    LANGUAGE = "language"
    UNKNOWN = "unknown"


class Refused(Exception):
    """It was not done, and nothing has changed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Phone(NamedTuple):
    """A duty phone as staff see it. `calls`: whether alerts go to it; they do not while it is switched off (`off`), or
    where its owner may not answer cases (any more)."""

    id: int
    owner: str
    masked: str
    channel: str
    language: Language
    off: bool
    may: bool

    @property
    def calls(self) -> bool:
        """Whether alerts go to it."""
        return self.may and not self.off


class New(NamedTuple):
    """A phone that is to be added. `owner` is an account of staff who may answer cases."""

    owner: str
    number: str
    channel: str
    language: str


def phones(service: Service) -> list[Phone]:
    """All of them, in the order of their turns. Raises `StoreError`."""
    return [_shown(service, each) for each in service.database.read(store.every)]


def add(service: Service, new: New, by: str | None) -> int:
    """Alert one more phone, after all others. Raises `Refused` and `StoreError`."""
    number, row, now = _number(service, new.number), service.database.new_id(service.now()), service.now()
    key = service.vault.number_key(number)
    if not new.channel:
        raise Refused(Why.CHANNEL)
    if new.language not in LANGUAGES:
        raise Refused(Why.LANGUAGE)
    owner = _owner(service, new.owner)

    def work(tx: Tx) -> int:
        known = store.every(tx)
        if store.known(tx, key):
            raise Refused(Why.TAKEN)
        if len(known) >= PHONES:
            raise Refused(Why.MANY)
        sealed = service.vault.seal(number.encode(), PURPOSE, row)
        last = max((each.turn for each in known), default=0)
        kept = store.Phone(row, owner, sealed, new.channel, new.language, last + 1, now, None, None)
        store.add(tx, kept, key)
        note(service, tx, Event.DUTY, by, about=About("duty", row), duty="add", owner=owner)
        return row

    return service.database.write(work, _LOCK)


def remove(service: Service, phone: int, by: str | None) -> None:
    """Alert a phone no more; its number is forgotten. Raises `Refused` and `StoreError`."""
    _change(service, phone, by, "remove", lambda tx, _, __: store.remove(tx, phone))


def switch(service: Service, phone: int, by: str | None, *, on: bool) -> None:
    """Let a phone be for a while, or alert it again. Raises `Refused` and `StoreError`."""
    off_at = None if on else service.now()
    _change(service, phone, by, "on" if on else "off", lambda tx, _, __: store.switch(tx, phone, off_at))


def earlier(service: Service, phone: int, by: str | None) -> None:
    """Let a phone have its turn before the one that was before it. Raises `Refused` and `StoreError`."""

    def work(tx: Tx, one: store.Phone, every: Sequence[store.Phone]) -> None:
        order = [each.id for each in every]
        place = order.index(one.id)
        order.insert(max(place - 1, 0), order.pop(place))
        for number, each in enumerate(order, 1):
            store.turn(tx, each, number)

    _change(service, phone, by, "earlier", work)


def test(service: Service, phone: int, by: str | None, console: str | None) -> None:
    """Send a phone a text that says what it will be sent. Raises `Refused` and `StoreError`."""
    found: list[store.Phone] = []

    def work(tx: Tx, one: store.Phone, _: object) -> None:
        _send(service, tx, one, _Text.of(TEST, console, 1))
        found[:] = [one]

    _change(service, phone, by, "test", work)
    service.wake(found[0].channel)


def round(service: Service, console: str | None) -> bool:
    """Send the alert that is due, if one is; whether that was so. `console` is its address, for who is alerted.

    Any number of processes may ask at once: the alert and the note that it went are one commit, and who comes next
    finds nothing due. Raises `StoreError`.
    """
    if not _due(service.database.read(store.waiting), service.now()):
        return False
    channel = service.database.write(lambda tx: _alert(service, tx, console), _LOCK)
    if channel is not None:
        service.wake(channel)
    return channel is not None


def _due(waiting: Waiting | None, now: int) -> bool:
    """What is due later than anything is put off was written by a clock that was wrong."""
    return waiting is not None and not now < waiting.due_at <= now + HOUR


def _alert(service: Service, tx: Tx, console: str | None) -> str | None:
    """The gateway in whose outbox the alert is; None if there is none to send."""
    now, waiting = service.now(), store.waiting(tx)
    if waiting is None or not _due(waiting, now):
        return None
    on_duty = [each for each in store.every(tx) if _calls(each)]
    if not on_duty or not _may(tx, now):
        return None
    phone = _next(tx, on_duty, waiting)
    if not _send(service, tx, phone, _Text.of(ALERT, console, 0, count=str(waiting.cases))):
        store.switch(tx, phone.id, now)  # its number does not open: the others are not to wait for it
        return None
    pause = NEXT if waiting.fewest + 1 < ROUNDS * len(on_duty) else HOUR
    store.told(tx, now + pause)
    marks.put(tx, marks.DUTY_AT, now)
    marks.put(tx, marks.DUTY_PHONE, phone.id)
    return phone.channel


def _may(tx: Tx, now: int) -> bool:
    """Whether it is not too soon after the last one, nor one too many; a clock that was put back keeps none back."""
    last = marks.get(tx, marks.DUTY_AT) or 0
    if last <= now < last + APART:
        return False
    hour, sent = divmod(marks.get(tx, marks.DUTY_HOUR) or 0, HOUR_COUNTS)
    sent = sent if hour == now // HOUR else 0
    if sent < MOST:
        marks.put(tx, marks.DUTY_HOUR, now // HOUR * HOUR_COUNTS + sent + 1)
    return sent < MOST


def _next(tx: Tx, on_duty: Sequence[store.Phone], waiting: Waiting) -> store.Phone:
    """The phone after the one that was told last; the first, if nobody was told of any of those who wait."""
    last = marks.get(tx, marks.DUTY_PHONE) if waiting.most else None
    order = [each.id for each in on_duty]
    return on_duty[(order.index(last) + 1) % len(order)] if last in order else on_duty[0]


class _Text(NamedTuple):
    """What a phone is sent: a state of the Book with what is filled in, and how urgent it is."""

    state: str
    fills: tuple[tuple[str, str], ...]
    priority: int

    @classmethod
    def of(cls, state: str, console: str | None, priority: int, **fills: str) -> Self:
        """With the address of the console, if it is known."""
        if console is None:
            return cls(state, tuple(fills.items()), priority)
        return cls(state + LINKED, tuple({**fills, "where": console}.items()), priority)


def _send(service: Service, tx: Tx, phone: store.Phone, sent: _Text) -> bool:
    """Put a text into the outbox; whether its number could be read."""
    now = service.now()
    try:
        number = service.vault.open(phone.number_sealed, PURPOSE, phone.id)
    except Unsealable:
        return False
    row = service.database.new_id(now)
    language, today = cast(Language, phone.language), service.clock().date()
    text = service.book.answer(sent.state, language, here=None, there=None, today=today, fills=sent.fills)
    tx.put(
        WAIT_OUTBOUND,
        id=row,
        inbound_id=None,
        contact_id=None,
        channel=phone.channel,
        text_sealed=service.vault.seal(text.encode(), "outbound", row),
        parts=parts(text),
        priority=sent.priority,
        created_at=now,
        state=State.QUEUED,
        to_sealed=service.vault.seal(number, "to", row),
        due_at=now,
        expires_at=now + LIFE,
        lease_until=None,
        repeats=1,
    )
    return True


def _change(
    service: Service,
    phone: int,
    by: str | None,
    act: str,
    work: Callable[[Tx, store.Phone, Sequence[store.Phone]], T],
) -> T:
    def step(tx: Tx) -> T:
        every = store.every(tx)
        one = next((each for each in every if each.id == phone), None)
        if one is None:
            raise Refused(Why.UNKNOWN)
        done = work(tx, one, every)
        note(service, tx, Event.DUTY, by, about=About("duty", phone), duty=act, owner=one.owner)
        return done

    return service.database.write(step, _LOCK)


def _number(service: Service, written: str) -> str:
    try:
        number = parse(written).e164
    except NotAPhone:
        raise Refused(Why.NUMBER) from None
    if number in service.own_numbers:
        raise Refused(Why.OURS)
    return number


def _owner(service: Service, name: str) -> str:
    """The account whose phone it is: who cannot open the console cannot answer anybody."""
    for each in staff.everybody(service):
        if folded(each.name) == folded(name) and each.state != "disabled" and may(each.role, Act.CASE_WRITE):
            return each.name
    raise Refused(Why.OWNER)


def _calls(phone: store.Phone) -> bool:
    return phone.disabled_at is None and _answers(phone)


def _answers(phone: store.Phone) -> bool:
    return phone.role is not None and may(Role(phone.role), Act.CASE_WRITE)


def _shown(service: Service, phone: store.Phone) -> Phone:
    try:
        number = masked(service.vault.open(phone.number_sealed, PURPOSE, phone.id).decode())
    except Unsealable:
        number = masked(None)
    language = cast(Language, phone.language)
    return Phone(phone.id, phone.owner, number, phone.channel, language, phone.disabled_at is not None, _answers(phone))

"""Gammu SMSD: a SIM in a USB modem, no Internet. Both ways through SMSD's own tables.

SMSD must not try again by itself (`maxretries = 0`): `send` waits until the modem has taken every part, so that a
refusal is Phlov's to decide on, no text waits behind a modem that is gone, and SMSD never holds more than a few texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from math import ceil
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from bot.channels import Condition, Said, Traits
from bot.channels import gammu_parts as parts
from bot.channels.gammu_tables import OURS, VERSIONS, Away, Phone, Queued, Tables
from bot.protocol import DeliveryReport, Inbound, Outbound, Refused, Request, Response, SendError, Sent

if TYPE_CHECKING:
    from bot.config import Settings

LOOK: Final = 0.2
"""Seconds between two looks at a text that a modem is to take."""
URGENT: Final = 15.0
"""Seconds after which an emergency answer that no modem has been given is taken back, for another gateway to send."""
ALIVE: Final = 100.0
"""Seconds after which a modem that SMSD has not heard of is gone (`statusfrequency` is 60 if nobody sets it)."""
HEARD: Final = 25.0
"""Seconds in which a modem that is only busy is heard of (`statusfrequency` is 10 in our `smsdrc`)."""
HELD: Final = 75.0
"""Seconds a text that lacks a part is held back for the rest, after SMSD has waited its own minute."""
KEPT: Final = 120.0
"""Seconds a finished text stays in SMSD's table, for a `send` of another process that still waits for it."""
REPORT_DAYS: Final = 3
SWEPT: Final = 300.0
"""Seconds between two sweeps of what is over."""
MOST: Final = 500
PRIORITY: Final = {0: 100, 1: 10}
"""SMSD sends the highest first; a broadcast has -10."""


class Barred:
    """Numbers the operator bars, abroad say: he says the same of them as of a SIM without money, yet takes others.

    Or one person abroad who asks for the menu would make everybody's answers wait for minutes, again and again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._refused: set[int] = set()
        self._known: set[int] = set()

    def refuses(self, recipient: str) -> bool:
        """One more refusal; whether another number was taken after an earlier one."""
        with self._lock:
            self._refused.add(hash(recipient))
            return hash(recipient) in self._known

    def took(self, recipient: str) -> None:
        """A text went, so the SIM has money, whoever was refused before."""
        with self._lock:
            known = self._known | self._refused if len(self._known) < MOST else self._refused
            self._known, self._refused = known - {hash(recipient)}, set()


class Gammu:
    """The modems of one SMSD database. `only`: the `phoneid`s Phlov may send by; all, if none are named."""

    name = "gammu"
    routes: tuple[tuple[str, str], ...] = ()
    pause = 0.5

    def __init__(
        self,
        database: str,
        *,
        only: Sequence[str] = (),
        timeout: float = 20.0,
        alive: float = ALIVE,
        held: float = HELD,
    ) -> None:
        self.traits = Traits(reports=True, lanes=2 * max(1, len(only)), timeout=timeout)
        self._tables = Tables(database)
        self._only = frozenset(only)
        self._alive, self._held = alive, held
        self._seen: dict[int, float] = {}
        self._rows: dict[str, tuple[int, ...]] = {}
        self._told: dict[str, str] = {}
        self._swept = -SWEPT
        self._barred = Barred()

    def read(self, request: Request) -> Inbound:  # noqa: ARG002
        """SMSD never calls."""
        raise Refused("gammu: has no webhooks", status=404)

    def render(self, replies: Sequence[Said], reference: int) -> Response:  # noqa: ARG002
        """Nobody reads it: answers wait in the outbox."""
        return Response(204)

    def send(self, outbound: Outbound) -> Sent:
        """Give SMSD what it has not sent yet of this text, and wait until a modem has taken it; raises `SendError`.

        A text that is in SMSD's outbox already is waited for and never put there twice.
        """
        creator = _creator(outbound)
        wanted = parts.pieces(outbound.text, outbound.id, self.traits.part_limit)
        validity = _validity(outbound.valid_until)
        until = monotonic() + self.traits.timeout
        patience = monotonic() + (URGENT if outbound.priority == 0 else self.traits.timeout)
        if self._tables.queued(creator) is None:
            fate = parts.fate(self._tables.gone(creator))
            if fate.refused is not None:
                self._tables.settle(creator, parts.REFUSED)  # whoever sends again knows what came of the last time
            missing = [piece for position, piece in enumerate(wanted, 1) if position not in fate.went]
            if not missing:
                return Sent(creator)
            phone, priority = self._phone().id, PRIORITY.get(outbound.priority, -10)
            self._tables.put(creator, outbound.recipient, missing, phone=phone, priority=priority, validity=validity)
        try:
            sent = self._seen_off(creator, len(wanted), patience, until)
        except Away as error:  # SMSD has the text, whoever cannot see it now
            raise SendError(str(error), retry=True, sent="unknown", cause="network") from None
        except SendError as error:
            if error.cause == "credit" and outbound.priority and self._barred.refuses(outbound.recipient):
                error.cause = "unreachable"
            raise
        self._barred.took(outbound.recipient)
        return sent

    def _seen_off(self, creator: str, total: int, patience: float, until: float) -> Sent:
        """Wait for a text in SMSD's outbox to be given to a modem, and then to leave it or to be refused."""
        checked = monotonic()
        while (queued := self._tables.queued(creator)) and not queued.failed:
            if monotonic() >= (until if queued.picked else patience):
                self._give_up(queued)
            if monotonic() - checked >= self._alive / 20:
                checked = monotonic()
                self._follow(queued)
            sleep(LOOK)
        fate = self._fate(creator, queued)
        if fate.complete(total):
            return Sent(creator)
        raise fate.error()

    def _fate(self, creator: str, queued: Queued | None = None) -> parts.Fate:
        """What SMSD did with a text that no modem has now; of a refused one only those parts stay that went."""
        refused = self._tables.take_back(queued.id, parts.AMBIGUOUS) if queued else None
        fate = parts.fate(self._tables.gone(creator), refused)
        if fate.refused is not None and fate.refused not in parts.AMBIGUOUS:
            self._tables.settle(creator, parts.REFUSED)
        return fate

    def _give_up(self, queued: Queued) -> None:
        """Take back a text that no modem took in time; raises `SendError`."""
        if queued.picked or not self._tables.withdraw(queued.id):
            raise SendError("gammu: the modem has it and does not answer", retry=True, sent="unknown")
        if any(phone.age < HEARD for phone in self._living()):
            raise SendError("gammu: the modem is busy", retry=True, sent="no", cause="throttled", after=5)
        raise SendError("gammu: no modem answers", retry=True, sent="no", cause="network")

    def _follow(self, queued: Queued) -> None:
        """See that the modem a text waits for is there; else it gets another one, or is taken back."""
        if queued.picked or queued.phone in {phone.id for phone in self._living()}:
            return
        try:
            self._tables.move(queued.id, self._phone().id)
        except SendError:
            if self._tables.withdraw(queued.id):
                raise

    def _living(self) -> list[Phone]:
        """The modems that are there, and may send; the one with the fewest texts waiting first."""
        return [
            phone
            for phone in self._tables.phones()
            if phone.sends and phone.age < self._alive and (not self._only or phone.id in self._only)
        ]

    def _phone(self) -> Phone:
        living = self._living()
        if not living:
            raise SendError("gammu: no modem is there", retry=True, sent="no", cause="network")
        return living[0]

    def ask(self, outbound: Outbound) -> Sent | None:
        """What SMSD knows of a text; None if nothing is on its way and what did not go may be sent (again).

        Raises `SendError`: `retry` if it is still on its way, no `retry` if the modem itself does not know.
        """
        creator = _creator(outbound)
        queued = self._tables.queued(creator)
        if queued and not queued.failed:
            raise SendError("gammu: still on its way", retry=True, sent="unknown")
        fate = self._fate(creator, queued)
        if fate.complete(len(parts.pieces(outbound.text, outbound.id, self.traits.part_limit))):
            return Sent(creator)
        if fate.refused in parts.AMBIGUOUS:
            raise SendError("gammu: the modem gave no answer", retry=False, sent="unknown")
        return None

    def collect(self) -> Sequence[Inbound | DeliveryReport]:
        """Texts, then reports. A text that lacks a part waits a little; what says nothing is thrown away."""
        now = monotonic()
        arrived = self._tables.arrived(MOST)
        self._seen = {row.id: self._seen.get(row.id, now) for row in arrived}
        overdue = frozenset(row for row, at in self._seen.items() if now - at >= self._held)
        found = parts.sort(arrived, overdue)
        if found.empty:
            self._tables.forget(found.empty)
        self._rows = {text.key: text.rows for text in found.texts}
        return [*(self._inbound(text) for text in found.texts), *self._reports()]

    def _inbound(self, text: parts.Text) -> Inbound:
        at = text.received_at or datetime.now(UTC)
        return Inbound(self.name, text.sender, text.words, text.key, at)

    def _reports(self) -> list[DeliveryReport]:
        """What became of our texts since it was last told; what is told and over is forgotten."""
        self._sweep()
        reports, known = [], {}
        for creator, group in groupby(self._tables.reported(), key=lambda part: part.creator):
            gone = list(group)
            told, found = self._told.get(creator), parts.report(gone)
            if told is not None:
                known[creator] = told
            if found is None:
                continue
            if found.status != told:
                reports.append(DeliveryReport(self.name, creator, found.status, _reference(creator), found.error))
            elif found.final and min(part.age for part in gone) > KEPT:
                self._tables.forget_sent(creator)
        self._told = known
        return reports

    def _sweep(self) -> None:
        if monotonic() - self._swept >= SWEPT:
            self._tables.forget_old(REPORT_DAYS)
            self._tables.scrub()
            self._swept = monotonic()

    def taken(self, event: Inbound | DeliveryReport) -> None:
        """Nothing of a text stays on the box but what Phlov seals; of a text that went, its words go at once."""
        if isinstance(event, Inbound):
            self._tables.forget(self._rows.pop(event.provider_id, ()))
        else:
            self._tables.blank(event.provider_id)
            self._told[event.provider_id] = event.status

    def condition(self) -> Condition:
        """Whether a modem is there, its signal and battery, and whether SMSD can live with its own rows."""
        try:
            phones = self._tables.phones()
            damage = self._tables.damage()
        except SendError as error:
            return Condition(str(error), dead=True)
        living = [phone for phone in phones if phone.age < self._alive]
        gauges = [("modems", float(len(living)))]
        for name in ("signal", "battery"):
            known = [float(getattr(phone, name)) for phone in living if getattr(phone, name) >= 0]
            gauges += [(name, max(known))] if known else []
        problem = None
        if damage.split_seconds:
            problem = "gammu: SMSD loses rows with microseconds, or dies of them; run: phlov doctor --repair"
        elif not living:
            problem = f"gammu: {_last_seen(phones)}; is the modem plugged in, and gammu-smsd running?"
        elif all(phone.signal == 0 for phone in living):
            problem = "gammu: the modem has no signal"
        return Condition(problem, tuple(gauges), dead=not living)

    def examine(self, *, repair: bool) -> list[str]:
        """For `phlov doctor`: one line for each thing that is wrong, and what was done about it."""
        try:
            return self._examined(repair=repair)
        except SendError as error:
            return [f"{error}; does the file exist, with SMSD's tables, and may Phlov write to it?"]

    def _examined(self, *, repair: bool) -> list[str]:
        found = []
        version, journal, damage = self._tables.version(), self._tables.journal(), self._tables.damage()
        if version not in VERSIONS:
            found.append(f"the tables are of version {version}; Phlov knows {' and '.join(map(str, VERSIONS))}")
        if journal not in ("", "wal"):
            found.append("SQLite keeps no write-ahead log here; run: sqlite3 smsd.db 'pragma journal_mode = wal'")
        if damage.over_long:
            found.append(f"{damage.over_long} rows of others are longer than one SMS: SMSD will cut them off")
        if damage.split_seconds:
            found.append(f"{damage.split_seconds} rows of others have microseconds: SMSD loses them, or dies")
            if repair:
                self._tables.mend()
                found[-1] += "; repaired, restart gammu-smsd"
        return [f"gammu: {line}" for line in found]

    def close(self) -> None:
        """Give the connections back."""
        self._tables.close()


def wire(settings: Settings) -> Gammu:
    """The SMSD that the settings name."""
    return Gammu(settings.gammu_database or "", only=tuple(filter(None, (settings.gammu_phones or "").split(","))))


def _creator(outbound: Outbound) -> str:
    return f"{OURS}{outbound.id}"


def _reference(creator: str) -> int | None:
    with suppress(ValueError):
        return int(creator.removeprefix(OURS))
    return None


def _validity(until: datetime | None) -> int:
    """How long the network may keep trying, as TP-VP counts it (3GPP TS 23.040, 9.2.3.12.1), never too short; -1: its
    own limit. Raises `SendError` if the time is over."""
    if until is None:
        return -1
    minutes = (until - datetime.now(UTC)).total_seconds() / 60
    if minutes <= 0:
        raise SendError("gammu: its time is over", retry=False, sent="no", cause="expired")
    steps: tuple[tuple[float, Callable[[], int]], ...] = (
        (12 * 60, lambda: ceil(minutes / 5) - 1),
        (24 * 60, lambda: 143 + ceil((minutes - 12 * 60) / 30)),
        (30 * 24 * 60, lambda: 166 + ceil(minutes / 24 / 60)),
    )
    return next((step() for limit, step in steps if minutes <= limit), -1)


def _last_seen(phones: Sequence[Phone]) -> str:
    if not phones:
        return "SMSD has seen no modem yet"
    return f"no modem has been seen for {min(phone.age for phone in phones):.0f} seconds"

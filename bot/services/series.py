"""Series: staff start one for a campaign, a second person approves, and each day makes a broadcast of each step.

What a broadcast must obey (consent, STOP, quiet hours, two a week), a step must obey too: it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.content.book import HOME, LANGUAGES, Book, Language
from bot.content.series import DAYTIME, Step, fingerprint
from bot.conversation.hours import AHEAD
from bot.conversation.talk import here
from bot.services import broadcasts, registry
from bot.services.asking import SERIES, may_ask
from bot.services.audience import Audience
from bot.services.audit import Event, note
from bot.services.broadcasts import BadBroadcast, Draft, Window, Words, same, staff
from bot.services.clock import doubted
from bot.services.ending import said
from bot.services.retry import HOUR
from bot.services.service import Service
from bot.store import broadcasts as kept
from bot.store import campaigns
from bot.store import series as store
from bot.store.database import Tx
from bot.store.series import Running
from bot.store.stages import OVER, Stage
from bot.store.times import milliseconds, moment

MADE_FROM: Final = time(7)
"""The hour of Cambodia at which the broadcasts of a day are made: an hour before the first may go."""


class BadSeries(ValueError):
    """It cannot be done with this series. One clear sentence."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A series as staff see it. `changed`: its texts are not the approved ones, so nothing of it is sent."""

    running: Running
    changed: bool

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.running.ended_at is not None:
            return "ended"
        if self.changed:
            return "texts changed: start it again"
        return "running" if self.running.approver else "waits for approval"


def start(service: Service, name: str, code: str, *, channel: str, by: str) -> Running:
    """Begin a series for a campaign, as it is written now; it waits until somebody else approves it.

    One that runs already, and whose texts are the approved ones, goes on. Raises `BadSeries` and `StoreError`.
    """
    _known(service.book, name)
    if not staff(by):
        raise BadSeries("say who starts it, by your own name")
    now, told = service.now(), fingerprint(service.book, name)

    def work(tx: Tx) -> Running:
        if code not in campaigns.read(tx):
            raise BadSeries(f"there is no campaign {code}")
        before = _find(tx, name, code)
        goes_on = before is not None and before.ended_at is None
        if before is not None and goes_on and before.fingerprint == told and before.approver:
            return before
        begun = before.begun_at if before is not None and goes_on else now
        running = Running(name, code, channel, by, None, told, begun, None)
        store.start(tx, running)
        registry.changed(tx, now)
        note(service, tx, Event.SERIES, by, act="start", series=name, campaign=code)
        return running

    return service.database.write(work, registry.ONE_AT_A_TIME)


def approve(service: Service, name: str, code: str, by: str) -> None:
    """A second person agrees to the texts as they are now. Raises `BadSeries` and `StoreError`."""
    _known(service.book, name)

    def work(tx: Tx) -> None:
        running = _find(tx, name, code)
        if running is None or running.ended_at is not None:
            raise BadSeries(f"{name} has not been started for {code}")
        if running.fingerprint != fingerprint(service.book, name):
            raise BadSeries("its texts have changed since it was started; start it again")
        if not staff(by) or same(by, running.author):
            raise BadSeries("whoever started it cannot approve it; ask somebody else")
        if running.approver is None:
            store.approve(tx, name, code, by)
            registry.changed(tx, service.now())
            note(service, tx, Event.SERIES, by, act="approve", series=name, campaign=code)

    service.database.write(work, registry.ONE_AT_A_TIME)


def end(service: Service, name: str, code: str, by: str) -> int:
    """End a series; how many of its broadcasts were stopped with it. Raises `BadSeries` and `StoreError`."""

    def work(tx: Tx) -> bool:
        ended = store.end(tx, name, code, service.now())
        if ended:
            registry.changed(tx, service.now())
            note(service, tx, Event.SERIES, by, act="end", series=name, campaign=code)
        return ended

    if not service.database.write(work, registry.ONE_AT_A_TIME):
        raise BadSeries(f"{name} does not run for {code}")
    stopped = 0
    for row in service.database.read(lambda tx: store.open_broadcasts(tx, f"{SERIES}{name}:{code}:")):
        if broadcasts.get(service, row).state < OVER:
            broadcasts.cancel(service, row, by)
            stopped += 1
    return stopped


def listed(service: Service) -> list[Shown]:
    """Every series that was ever started. Raises `StoreError`."""
    return [Shown(each, _changed(service.book, each)) for each in service.database.read(store.every)]


def round(service: Service) -> int:
    """Make the broadcasts of today, and of the days that were missed; how many were made.

    Safe to repeat, and to do in several processes at once: a step of a day is made once. By a clock that cannot be
    believed nothing is made. Raises `StoreError`.
    """
    now, made = service.clock(), 0
    if service.database.read(lambda tx: doubted(tx, milliseconds(now))):
        return 0
    for each in listed(service):
        running = each.running
        if each.state != "running":
            continue
        for step in service.book.series[running.name].steps:
            made += sum(_made(service, running, step, day, now) for day in _days(step, running, now))
    return made


def _days(step: Step, running: Running, now: datetime) -> Iterator[date]:
    """The days whose step may still be sent, today last."""
    today = here(now)
    for late in range(step.late, -1, -1):
        day = today - timedelta(days=late)
        if day >= here(moment(running.begun_at)) and (late or (now + AHEAD).time() >= MADE_FROM):
            yield day


def _made(service: Service, running: Running, step: Step, day: date, now: datetime) -> bool:
    """Whether the broadcast of a step and a day is made now; there is none if it is for nobody, or its time is over."""
    origin = f"{SERIES}{running.name}:{running.campaign}:{step.name}"
    request, window = f"{origin}:{day.isoformat()}", _window(step, day, now)
    if window.ends_at - window.starts_at < HOUR:
        return False
    audience = _audience(step, day, origin)

    def look(tx: Tx) -> tuple[int, int] | None:
        """The draft that a crash left, else (0, 0) if there is to be one."""
        known = kept.asked_for(tx, request)
        if known is not None:
            return (known.id, known.state) if known.state == Stage.DRAFT else None
        return (0, 0) if _for_anybody(tx, running.campaign, audience) else None

    found = service.database.read(look)
    if found is None:
        return False
    broadcast = found[0] or broadcasts.create(
        service,
        Draft(
            request=request,
            campaign=running.campaign,
            title=f"{running.name}: {step.name}, {day.isoformat()}",
            channel=running.channel,
            author=running.author,
            texts=_words(service.book, step, origin, day),
            audience=audience,
            window=window,
            origin=origin,
            approver=running.approver,
        ),
    )
    return _submitted(service, broadcast)


def _submitted(service: Service, broadcast: int) -> bool:
    """Whether anybody is left to whom it may go; else it is put away."""
    try:
        broadcasts.submit(service, broadcast, broadcasts.HOUSE)
    except BadBroadcast:
        broadcasts.cancel(service, broadcast, broadcasts.HOUSE)
        return False
    return True


def _window(step: Step, day: date, now: datetime) -> Window:
    """From when until when a step of a day may be sent, by the clocks of Cambodia."""
    first, last = step.hours or DAYTIME
    starts = max(_at(day, first), milliseconds(now))
    return Window(starts, _at(day + timedelta(days=step.late), last))


def _at(day: date, hour: int) -> int:
    return milliseconds(datetime.combine(day, time(hour), UTC) - AHEAD)


def _audience(step: Step, day: date, origin: str) -> Audience:
    """Whom the step of a day is for. Nobody gets a step twice, even if they name another day."""
    wanted = day - timedelta(days=step.day)
    audience = Audience(not_given=(origin,), undated=(step.unless,) if step.unless else ())
    if step.since == "joined":
        return replace(audience, joined_after=_at(wanted, 0), joined_before=_at(wanted + timedelta(days=1), 0))
    return replace(audience, day=(step.since, wanted.isoformat()))


def _for_anybody(tx: Tx, code: str, audience: Audience) -> bool:
    if audience.day is None:
        return store.anybody_joined(tx, code, audience.joined_after or 0, audience.joined_before or 0)
    return store.anybody_named(tx, code, *audience.day)


def _words(book: Book, step: Step, origin: str, today: date) -> Mapping[Language, Words]:
    opens = step.say if may_ask(book, step.say, origin) else None
    return {
        language: Words(said(book, step.say, language, here=HOME, today=today).whole, opens) for language in LANGUAGES
    }


def _changed(book: Book, running: Running) -> bool:
    return running.name not in book.series or fingerprint(book, running.name) != running.fingerprint


def _known(book: Book, name: str) -> None:
    if name not in book.series:
        raise BadSeries(f"there is no series {name}; there are: {', '.join(sorted(book.series))}")


def _find(tx: Tx, name: str, code: str) -> Running | None:
    return next((each for each in store.every(tx) if (each.name, each.campaign) == (name, code)), None)

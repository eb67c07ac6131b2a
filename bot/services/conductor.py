"""What happens to broadcasts by itself, in rounds of every process: recipients are written down, given to the outbox in
waves, watched, and counted at the end. Nothing is remembered here that is not in the rows: any round may be the last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, Final

from bot.channels import Traits
from bot.log import failure, log
from bot.services import broadcasts, hours, judging, repeats
from bot.services.broadcasts import HOUSE, become
from bot.services.clock import Watch, doubted, since_boot
from bot.services.closing import Closing, audience_of
from bot.services.expanding import Expanding
from bot.services.retry import MINUTE, SECOND
from bot.services.service import Service
from bot.services.where import Where
from bot.store import broadcasts as store
from bot.store import marks, recipients, release
from bot.store.broadcasts import Happened, Known
from bot.store.database import T, Tx
from bot.store.recipients import Place, Planned
from bot.store.release import Page, Slots
from bot.store.stages import OVER, Left, Stage
from bot.store.times import moment
from bot.store.waves import WAVES

PAGE: Final = 200
"""So many recipients are given to the outbox in one transaction: a few milliseconds, so that nobody who texts waits."""
SLICE: Final = 0.5
"""Seconds that one broadcast may take of a round."""
AHEAD: Final = 10
"""Seconds: no more of broadcasts waits in the outbox of a gateway than it can send in that time."""
BACKLOG: Final = 200
"""But so many may."""
UNLIMITED: Final = 200.0
"""Texts a second that a gateway without a limit is taken to send."""
SOON: Final = MINUTE
"""What is due later than that was put off till morning or for a pause, and holds nobody up."""
JITTER: Final = 5 * SECOND
"""Over so long texts are spread, so that a dormitory does not buzz at once."""
WATCH: Final = 15 * MINUTE
"""So long the outcome of the canary is watched."""
MARK: Final = MINUTE
LOOK: Final = 10.0
"""Seconds between two looks at what becomes of the texts of a broadcast."""

RELEASING: Final = b"releases"
"""The key of all pages of all broadcasts: two at once would each give the same person their last of the week."""


class Conductor:
    """The rounds of one process. `traits`: of the gateways by name; `uptime` goes on while the machine sleeps.

    It remembers which places are through, only so that it need not look again.
    """

    def __init__(
        self, service: Service, traits: Mapping[str, Traits], *, uptime: Callable[[], float] | None = None
    ) -> None:
        self._service = service
        self._traits = traits
        self._clock = Watch(service, uptime or since_boot)
        self._told = False
        self._where = Where()
        self._closing = Closing(service, self._where)
        self._expanding = Expanding(service)
        self._looked: dict[int, float] = {}

    def round(self) -> None:
        """One round for all broadcasts that are not closed. Raises `StoreError`."""
        self._clock.look()
        now = self._service.now()
        known = [
            each for each in broadcasts.listed(self._service) if each.state >= Stage.SCHEDULED or each.ends_at <= now
        ]
        for forgotten in self._where.remembered - {each.id for each in known}:
            self._where.forget(forgotten)
            self._looked.pop(forgotten, None)
        if not known or not self._trusted(now, known):
            return
        for each in known:
            try:
                self._conduct(each, now)
            except (ValueError, LookupError, broadcasts.BadBroadcast) as error:
                failure("broadcast not conducted", error)  # what is wrong with one must not hold up the others

    def _conduct(self, known: Known, now: int) -> None:
        if known.state < OVER and known.ends_at <= now:
            self._step(known, self._expire)
        elif known.state == Stage.SCHEDULED and known.starts_at <= now:
            if not repeats.held(self._service, known):
                repeats.follow(self._service, known)
                self._step(known, self._begin)
        elif known.state == Stage.EXPANDING:
            self._expand(known)
        elif known.state in (Stage.CANARY, Stage.RUNNING):
            self._release(known)
        elif known.state >= OVER:
            self._closing.wind_up(known, now)

    # The clock

    def _trusted(self, now: int, known: Sequence[Known]) -> bool:
        """Whether the clock can be believed; if so that is remembered, should it be put back."""
        wrong, seen = self._service.database.read(lambda tx: (doubted(tx, now), marks.get(tx, marks.CONDUCTED_AT)))
        if wrong and not self._told:
            log.error(
                "no broadcast goes on: the clock cannot be right; check it, then run `phlov purge --confirm-clock`"
            )
        self._told = wrong
        under_way = any(Stage.SCHEDULED < each.state < OVER for each in known)
        if not wrong and under_way and (seen is None or now - seen >= MARK):
            self._service.database.write(lambda tx: marks.put(tx, marks.CONDUCTED_AT, now))
        return not wrong

    # Its life

    def _step(self, known: Known, step: Callable[[Tx, Known], T]) -> T:
        return broadcasts.step(self._service, known.id, step)

    def _become(self, tx: Tx, known: Known, stage: Stage, act: str, why: str | None = None, **more: Any) -> None:
        become(self._service, tx, known, stage, Happened(self._service.now(), HOUSE, act, why), **more)

    def _expire(self, tx: Tx, known: Known) -> None:
        if known.state < OVER and known.ends_at <= self._service.now():
            self._become(tx, known, Stage.EXPIRED, "expire")

    def _begin(self, tx: Tx, known: Known) -> None:
        if known.state == Stage.SCHEDULED:
            self._become(tx, known, Stage.EXPANDING, "begin")

    def _expand(self, known: Known) -> None:
        if self._expanding.go_on(known):
            people = self._service.database.read(partial(audience_of, known.id))
            self._step(known, partial(self._expanded, people))

    def _expanded(self, people: int, tx: Tx, known: Known) -> None:
        if known.state != Stage.EXPANDING:
            return
        counts = json.dumps({**json.loads(known.counts), "expanded": people})
        if not broadcasts.agreed(known, people):
            counts = json.dumps({**json.loads(counts), "recipients": people})
            why = f"it would reach {people} people now; somebody has to agree"
            self._become(tx, known, Stage.WAITING, "grow", why, counts=counts, approver=None)
        elif people >= broadcasts.fewest(known):
            self._become(tx, known, Stage.CANARY, "expand", counts=counts)
        elif people:
            self._become(tx, known, Stage.CANCELLED, "cancel", f"it would reach {people} people", counts=counts)
        else:
            self._become(tx, known, Stage.DONE, "done", "nobody is to have it", counts=counts)

    # Into the outbox

    def _release(self, known: Known) -> None:
        until = monotonic() + SLICE
        given: int | None = 1
        while given and monotonic() < until:
            given = self._step(known, self._release_page)
            if given:
                self._service.wake(known.channel)
        if given is None:
            self._nobody_now(known)
        elif self._time_to_look(known):
            self._look(known)

    def _release_page(self, tx: Tx, known: Known) -> int | None:
        """How many recipients' turn has come; 0: wait; None: nobody's turn can come now."""
        if known.state not in (Stage.CANARY, Stage.RUNNING):
            return 0
        tx.alone(RELEASING)
        now = self._service.now()
        traits = self._traits.get(known.channel)
        room = min(PAGE, _backlog(traits) - release.waiting(tx, known.channel, now + SOON))
        slots, room = _slots(tx, known, now, room)
        if room <= 0:
            return 0
        for place in self._places(tx, known, now):
            page = recipients.next_planned(tx, place, known.campaign, now, room)
            if page:
                self._give(tx, known, place, page, slots)
                return len(page)
            self._where.through(known.id).add((place.country, place.wave))
        return None

    def _give(self, tx: Tx, known: Known, place: Place, page: Sequence[Planned], slots: Slots) -> None:
        for reason in sorted({each.reason for each in page if each.reason}):
            out = [each.contact_id for each in page if each.reason == reason]
            recipients.end(tx, place, out, Left[reason.upper()])
        going = [each.contact_id for each in page if not each.reason]
        if going:
            first = self._service.database.new_id(slots.now, len(going))
            release.release(tx, known.channel, Page(place, going, first), slots)
            if known.pace is not None:
                marks.put(tx, marks.PACE.format(known.id), slots.due * 1000 + len(going) * slots.step)
        if place.wave > known.wave:
            store.change(tx, known.id, wave=place.wave)

    def _places(self, tx: Tx, known: Known, now: int) -> Iterator[Place]:
        """Where it is day and somebody may be left, in the order of their turns."""
        through = self._where.through(known.id)
        awake = [each for each in self._where.countries(tx, known.id) if _day(each, now)]
        for wave in judging.canary(known) if known.state == Stage.CANARY else range(WAVES):
            yield from (Place(known.id, each, wave) for each in awake if (each, wave) not in through)

    # What becomes of it

    def _nobody_now(self, known: Known) -> None:
        """Everybody has it for whom it is day now: the canary is judged, or all is done."""
        now = self._service.now()
        countries = self._where.seen(known.id)
        awake = [each for each in countries if _day(each, now)]
        if known.state == Stage.CANARY:
            if awake or not countries:
                self._watch(known, countries, [each for each in countries if each not in awake])
            return
        through = self._where.through(known.id)
        if len(through) == len(countries) * WAVES:
            self._step(known, self._finish)
        if self._time_to_look(known):
            self._look(known)

    def _finish(self, tx: Tx, known: Known) -> None:
        if known.state == Stage.RUNNING and not release.on_its_way(tx, known.id):
            self._become(tx, known, Stage.DONE, "done")

    def _watch(self, known: Known, countries: Sequence[str], asleep: Sequence[str]) -> None:
        """The canary has been given to the outbox, but for who is asleep: as long as they are most of it, it waits. It
        grows until enough have it to be judged by."""
        now, waves = self._service.now(), judging.canary(known)
        seen = self._service.database.read(lambda tx: release.outcomes(tx, known.id, countries, waves, 0))
        enough = max(seen.texts, judging.SAMPLE - 1 - seen.texts)
        if self._service.database.read(lambda tx: recipients.more(tx, known.id, asleep, len(waves) - 1, enough)):
            return
        if seen.texts < judging.SAMPLE:
            self._step(known, partial(self._widen, waves))
        elif known.canary_until is None:
            self._step(known, partial(self._begin_watch, now + WATCH))
        elif judging.verdict(seen) is not None:
            self._halt(known, judging.verdict(seen))
        elif now >= known.canary_until and judging.settled(seen):
            self._step(known, partial(self._run, now))

    def _begin_watch(self, until: int, tx: Tx, known: Known) -> None:
        if known.state == Stage.CANARY and known.canary_until is None:
            store.change(tx, known.id, canary_until=until)

    def _widen(self, waves: range, tx: Tx, known: Known) -> None:
        counts = judging.wider(known)
        if counts is None:
            self._run(0, tx, known)
        elif known.state == Stage.CANARY and judging.canary(known) == waves:
            store.change(tx, known.id, counts=counts)

    def _run(self, since: int, tx: Tx, known: Known) -> None:
        if known.state == Stage.CANARY:
            self._become(tx, known, Stage.RUNNING, "run", canary_until=since)

    def _time_to_look(self, known: Known) -> bool:
        due = monotonic() - self._looked.get(known.id, 0.0) >= LOOK
        if due:
            self._looked[known.id] = monotonic()
        return due

    def _look(self, known: Known) -> None:
        """Stop it if too many of those who have it say STOP, are not reached, or call for help."""
        waves = judging.waves(known)
        countries = self._where.seen(known.id)
        since = (known.canary_until or 0) if known.state == Stage.RUNNING else 0
        seen = self._service.database.read(lambda tx: release.outcomes(tx, known.id, countries, waves, since))
        self._halt(known, judging.verdict(seen))

    def _halt(self, known: Known, why: str | None) -> None:
        if why is None:
            return

        def halt(tx: Tx, fresh: Known) -> None:
            if fresh.state == known.state and fresh.canary_until == known.canary_until:
                broadcasts.halt(self._service, tx, fresh, Happened(self._service.now(), HOUSE, "pause", why))

        self._step(known, halt)
        log.warning("broadcast paused", broadcast=known.id, why=why)


def _day(country: str, now: int) -> bool:
    return hours.awake(country, None, moment(now))


def _backlog(traits: Traits | None) -> int:
    rate = (traits.rate if traits else None) or UNLIMITED
    return max(BACKLOG, round(rate * AHEAD))


def _slots(tx: Tx, known: Known, now: int, room: int) -> tuple[Slots, int]:
    """When the next texts are due, and how many of them there may be."""
    if known.pace is None:
        return Slots(now, now, 0, JITTER, known.ends_at), room
    step = 3_600_000_000 // known.pace
    due = max((marks.get(tx, marks.PACE.format(known.id)) or 0) // 1000, now)
    ahead = now + AHEAD * SECOND - due
    fits = ahead * 1000 // step + 1 if ahead >= 0 else 0
    return Slots(now, due, step, max(min(step // 1000, JITTER), 1), known.ends_at), min(room, fits)

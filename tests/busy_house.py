"""A house where everything is in use, by people whose numbers and words can be found again wherever they turn up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

from bot.channels import Traits
from bot.protocol import Inbound, Response
from bot.services import (
    broadcasts,
    campaigns,
    case_reply,
    cases,
    contacts,
    content,
    duty,
    inbox,
    people,
    permits,
    uploads,
)
from bot.services.audience import Audience
from bot.services.broadcasts import Draft, Window, Words
from bot.services.conductor import Conductor
from bot.services.contacts_rows import Asked
from bot.services.incoming import Incoming
from bot.services.service import Service
from bot.store import staff
from bot.store.cases import Outcome

SAID = "zqsaid"
"""In every text that a person wrote."""
NOTED = "zqnoted"
"""In everything that staff wrote about a person."""
CODE = "KYA12"
HOUR = 3_600_000
BOSS, WORKER, WRITER = "Sokha", "Maly", "Bopha"
"""An admin, and staff who answer cases and who write broadcasts. They must have accounts."""
MOST_CASES = 100
MOST = 5
"""Texts that somebody writes before time goes on: who writes more at once is not heard."""


@dataclass
class Village:
    """Who lives there, and what they said. `words` is put into all that somebody can write, in turns.

    `named`: instead of them into what is looked for by its words, and so kept as it is written: schools, tags, titles.
    """

    service: Service
    folder: Path
    words: Sequence[str]
    count: int = 120
    writers: int = 40
    named: Sequence[str] = ()
    numbers: list[str] = field(default_factory=list)
    said: int = 0

    def __post_init__(self) -> None:
        self.numbers += [f"+85597731{number:04d}" for number in range(self.count)]
        self._turn = cycle(self.words)
        self._names = cycle(self.named) if self.named else self._turn

    def word(self) -> str:
        return next(self._turn)

    def name(self) -> str:
        return next(self._names)

    def fill(self) -> None:
        """Everything there is."""
        campaigns.add(self.service, CODE, "Know your agency")
        self.listed()
        self.broadcasts()  # before somebody has a case
        self.wrote()
        self.cases()
        self.duty()
        self.content()
        self.uploads()

    def say(self, number: str, text: str) -> None:
        at = self.service.clock()
        self.said += 1
        inbound = Inbound("smsgate", number, text, f"SM{self.said}", at)
        inbox.receive(self.service, inbound, lambda replies, _: Response(200, b""), inline=False)

    def wrote(self) -> None:
        """Some write; every word once at least."""
        writers = self.numbers[: self.writers]
        for turn in range(-(-len(self.words) // self.writers)):
            for number in writers:
                self.say(number, f"{SAID} {self.word()}")
            if turn % MOST == MOST - 1:
                self.later(minutes=20)
        self.later(minutes=20)
        for number in writers[:10]:
            self.say(number, "SOS")
        for number in writers[10:20]:
            self.say(number, "I want to talk to a person")

    def later(self, **step: float) -> None:
        self.service.clock.time += timedelta(**step)  # type: ignore[attr-defined]

    def listed(self) -> None:
        """They are in a list, with a school, tags and a yes to the campaign."""
        lines = ["Name,Phone,Province,School,Tags,Language"]
        for number in self.numbers:
            school, tag = (self.name().replace('"', '""').replace("\n", " ")[:60] for _ in range(2))
            lines.append(f'"{NOTED} {school}",{number},17,"{school}","{tag}",km')
        file = self.folder / "list.csv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        today = contacts.today(self.service)
        asked = Asked(
            frozenset({CODE}), today, campaign=CODE, how="paper", wording="May we text you?", wording_language="en",
            given_by=WRITER, on=today,
        )  # fmt: skip
        found = contacts.open_list(self.service, file, asked)
        contacts.take_in(self.service, found, WRITER, lambda _: None, lambda _: None)

    def broadcasts(self) -> None:
        """One that waits, one that is held with a reason, one that is over, and drafts with every title."""
        now = self.service.now()
        made = []
        for number, title in enumerate(islice(self._names, min(20, max(12, len(self.words) // 4)))):
            texts = {"km": Words(f"{NOTED} news {number}"), "en": Words(f"{NOTED} {title}"[:150])}
            wanted = Draft(
                f"village {number}", CODE, title[:60], "smsgate", WRITER, texts, Audience(),
                Window(now, now + 6 * 24 * HOUR),
            )  # fmt: skip
            made.append(broadcasts.create(self.service, wanted))
        made.reverse()  # the newest stand first on the pages
        for one in made[:3]:
            broadcasts.submit(self.service, one, WRITER)
        for one in made[1:3]:
            broadcasts.approve(self.service, one, BOSS)
        conductor = Conductor(self.service, {"smsgate": Traits()}, uptime=lambda: self.service.clock().timestamp())
        for _ in range(3):
            conductor.round()
        broadcasts.pause(self.service, made[1], WRITER, self.name()[:100])
        broadcasts.cancel(self.service, made[2], WRITER)
        self.later(days=4)  # reports of it are not waited for any longer
        for _ in range(3):
            conductor.round()
        permits.ask(self.service, made[0], self.numbers[0], WRITER, f"{NOTED} {self.word()}"[:100])

    def cases(self) -> None:
        """Read, noted, answered, referred, put off, closed."""
        worker = self.service.database.read(lambda tx: staff.called(tx, WORKER.lower()))
        assert worker is not None
        found = [case.id for case in cases.page(self.service, "open", worker.id, limit=MOST_CASES)]
        assert len(found) >= 20, "those who asked for somebody have a case"
        for number, case in enumerate(found):
            cases.open_(self.service, case, WORKER, worker.id)
            cases.note(self.service, case, f"{NOTED} {self.word()}", WORKER, worker.id)
            if number % 4 == 0:
                cases.assign(self.service, case, WORKER, WORKER)
                case_reply.reply(
                    self.service, case, "We will help you. Come on Monday.", WORKER, worker.id, request=f"r{case}"
                )
            elif number % 4 == 1:
                cases.refer(
                    self.service,
                    case,
                    self.name()[:40].translate({ord(d): None for d in "0123456789"}),
                    WORKER,
                    worker.id,
                )
            elif number % 4 == 2:
                cases.close(self.service, case, Outcome.HELPED, WORKER, worker.id)
        someone = people.page(self.service, {}).lines[0].person.id
        people.tag(self.service, someone, [self.name()[:30].strip() or "a"], [], WRITER)

    def duty(self) -> None:
        """The phone of somebody of staff; its number is one more that nobody may see."""
        number = "+855977319999"
        self.numbers.append(number)
        duty.add(self.service, duty.New(WORKER, number, "smsgate", "km"), WORKER)

    def content(self) -> None:
        """Answers that staff have at hand."""
        for number in range(5):
            value = {language: f"Hello. {self.name()}"[:150] for language in ("km", "km_Latn", "en")}
            try:
                content.save(self.service, content.Kind.CANNED, f"answer-{number}", value, WRITER)
            except content.BadContent:
                continue

    def uploads(self) -> None:
        """A list that is in, one that waits to be wanted, with faults, and one that is to come in now."""
        writer = self.service.database.read(lambda tx: staff.called(tx, WRITER.lower()))
        assert writer is not None
        made = []
        for name in ("first", self.name(), "third"):
            lines = [
                "Name,Phone,Tags",
                f"{NOTED},{self.numbers[0]},village {len(made)}",
                f'{NOTED},0{self.numbers[1][4:]}99,"{self.name()[:9].replace(chr(34), "")}"',
                f"{NOTED},{NOTED} {name}",
            ]
            coming = Incoming(self.service)
            coming.write(("\n".join(lines) + "\n").encode())
            today = str(contacts.today(self.service))
            how = uploads.How(f"{name[:40]}.csv", CODE, "paper", "May we text you?", WRITER, today)
            made.append(uploads.keep(self.service, coming, how, WRITER, writer.id))
        uploads.confirm(self.service, made[0], writer.id)
        uploads.round(self.service, lambda: False)
        uploads.confirm(self.service, made[2], writer.id)

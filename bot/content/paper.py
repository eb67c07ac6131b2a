"""What is printed or read aloud and never texted: `messages/print.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.content.book import TOPICS
from bot.content.ledger import Ledger
from bot.content.template import places

if TYPE_CHECKING:
    from bot.content.nodes import Block

NAMES = frozenset(
    (
        *("name", "title", "what", "careful", "send_to", "join", "join_why", "join_after"),
        *("how", "how_words", "how_menu", "numbers", "dialled", "drafted", "called", "before", "away"),
        *("stories", "stories_note", "know", "texts_drafted", "texts_read", "renew"),
        *("script", "script_pauses"),
    )
)
"""The single texts. Which of them stands where is the business of `bot.printing`."""

REPORT = frozenset(
    (
        *("title", "campaign", "made", "people", "outcomes", "arrived", "sent", "not_arrived", "waiting", "failed"),
        *("unknown", "left_out", "stopped", "province", "language", "channel", "crossed", "other", "nowhere", "hours"),
        *("answers", "answer", "share", "quiz", "question", "before", "after", "cost", "country", "network", "price"),
        *("spent", "excluded", "reason", "km", "km_Latn", "en", "total", "note_small", "note_open"),
        *("reason_erased", "reason_stopped", "reason_blocked", "reason_dead", "reason_no_consent"),
        *("reason_emergency", "reason_case", "reason_silent", "reason_cap"),
    )
)
"""The texts of a report on broadcasts."""

FILLS = frozenset({"number", "code", "day"})
"""What `{fill:NAME}` may ask for: the number people text, the code of a campaign, a day."""

DIGITS = 10


@dataclass(frozen=True, slots=True)
class Word:
    """A word people may send, what they get for it, and the topic it must be understood as."""

    send: str
    means: str
    topic: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or two of the poster or the script. With `needs` it is left out where that fill is not given."""

    say: str
    facts: tuple[str, ...]
    needs: str | None


@dataclass(frozen=True, slots=True)
class Paper:
    """English source texts. `before` and `away` are the topics whose answers are printed, read at home and abroad."""

    texts: Mapping[str, str]
    words: tuple[Word, ...]
    know: tuple[Line, ...]
    script: tuple[Line, ...]
    digits: tuple[str, ...]
    before: tuple[str, ...]
    away: tuple[str, ...]
    stories: tuple[str, ...]
    report: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> Iterator[tuple[str, str]]:
        """Every text, as (msgctxt, English text)."""
        yield from (("print", text) for text in self.texts.values())
        for word in self.words:
            yield from (("print/send", word.send), ("print/means", word.means))
        yield from (("print/know", line.say) for line in self.know)
        yield from (("print/script", line.say) for line in self.script)
        yield from (("print/digit", digit) for digit in self.digits)
        yield from (("print/report", text) for text in self.report.values())


NOTHING = Paper(MappingProxyType({}), (), (), (), (), (), (), ())


def read(messages: Path, ledger: Ledger) -> Paper:
    """The paper of a content; nothing where there is no file for it."""
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server reads no YAML

    path = messages / "print.yaml"
    if not path.exists():
        return NOTHING
    block = read_block(path, f"{messages.name}/{path.name}", ledger.faults)
    return _read(block, ledger) if block else NOTHING


def _read(block: Block, ledger: Ledger) -> Paper:
    block.only("texts", "words", "know", "script", "digits", "before", "away", "stories", "report")
    texts, report = block.inner("texts"), block.inner("report")
    for some, names in ((texts, NAMES), (report, REPORT)):
        some.only(*names)
        for name in some.items:
            _check(ledger, some.at(name), some.text(name))
    digits = block.placed("digits")
    if len(digits) != DIGITS:
        ledger.faults.add(block.at("digits"), f"there are {DIGITS} digits, from nought to nine")
    return Paper(
        texts=MappingProxyType({name: texts.text(name) for name in sorted(NAMES)}),
        words=tuple(_words(block, ledger)),
        know=tuple(_lines(block, "know", ledger)),
        script=tuple(_lines(block, "script", ledger)),
        digits=tuple(text for _, text in digits),
        before=tuple(_states(block, "before", "topics.", ledger)),
        away=tuple(_states(block, "away", "topics.", ledger)),
        stories=tuple(_states(block, "stories", "stories.", ledger)),
        report=MappingProxyType({name: report.text(name) for name in sorted(REPORT)}),
    )


def _words(block: Block, ledger: Ledger) -> Iterator[Word]:
    for item in block.blocks("words"):
        item.only("send", "means", "topic")
        _check(ledger, item.at("send"), item.text("send"))
        _check(ledger, item.at("means"), item.text("means"))
        yield Word(item.text("send"), item.text("means"), item.choice("topic", TOPICS))


def _lines(block: Block, key: str, ledger: Ledger) -> Iterator[Line]:
    for item in block.blocks(key):
        item.only("say", "facts", "needs")
        say, facts = item.text("say"), item.placed("facts")
        _check(ledger, item.at("say"), say)
        for where, fact in facts:
            ledger.check_fact(where, fact)
        needs = item.choice("needs", FILLS | {"country"}) if item.has("needs") else None
        yield Line(say, tuple(fact for _, fact in facts), needs)


def _states(block: Block, key: str, group: str, ledger: Ledger) -> Iterator[str]:
    for where, name in block.placed(key):
        ledger.need(where, group + name)
        yield group + name


def _check(ledger: Ledger, where: str, text: str) -> None:
    """Paper is read at home first: a number must work there, or be told with its country."""
    ledger.check_text(where, text, "KH")
    for kind, name in places(text):
        if kind == "fill" and name not in FILLS:
            ledger.faults.add(where, f"{{fill:{name}}} is not known on paper (known: {', '.join(sorted(FILLS))})")

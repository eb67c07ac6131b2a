"""The vocabulary of understanding, read from messages/keywords/*.yaml and messages/places.yaml.

Words stand in texts separated by commas. A set is a meaning in three spellings (`km`, `latn`, `en`); a rule leads from
sets that are heard together to a topic: `WAGE NOT_PAID|LATE !JOKE DENY>PAY = 6` reads "a word of WAGE, one of NOT_PAID
or LATE, none of JOKE, and DENY shortly before PAY: 6 points".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content import agencies
from bot.content.agencies import AgencyWords
from bot.content.book import TOOL_NAMES, Unsound
from bot.content.faults import Faults

if TYPE_CHECKING:
    from bot.content.nodes import Block

SCRIPTS = ("km", "latn", "en")
HEARD = ("NUMBER", "SMALL_NUMBER", "UNDER_18", "LARGE_NUMBER", "SHORT", "PLACE")
"""Sets that are not lists of words: `bot/conversation/hearing.py` finds them by itself."""

ASKED_FOR = ("NOT_MEANT", "TOWARDS", "AWAY", "QUIT_WORD", "MESSAGE_WORD")
"""Sets that the code itself asks for, so that no rule need name them."""

SIZES = {"thousand": 1000, "ten_thousand": 10_000, "hundred_thousand": 100_000, "million": 1_000_000}
"""Words of size: 2 million."""

UNITS = ("dollar", "riel", "percent", "month", "year", "every", "between", *SIZES)
"""What a word of the loan sum may mean; `between` are words that may stand there and mean nothing."""

_NAME = re.compile("[A-Z][A-Z0-9_]*")
_WEIGHT = re.compile(r"(?P<terms>[^=]+?)(?:=\s*(?P<weight>\d+(?:\.\d+)?))?\s*")
_KEYS = ("sets", "rules", "whole", "opt_out", "polite", "number", "numerals", "common", "priority", "orders", "units")


@dataclass(frozen=True, slots=True)
class Words:
    """The spellings of one meaning, by script."""

    km: tuple[str, ...] = ()
    latn: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        yield from (*self.km, *self.latn, *self.en)


@dataclass(frozen=True, slots=True)
class Rule:
    """`every`: one set of each group is heard; `before`: one of the first group stands shortly before one of the
    second; `never`: none of these is heard. `weight` is how sure that makes the topic."""

    topic: str
    every: tuple[tuple[str, ...], ...]
    before: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    never: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Place:
    """What tells that a text is about a country: `words` name it, `people` its people or language, `money`
    its coin, `sums` a coin whose name means something else unless a number stands before it."""

    code: str
    words: tuple[str, ...]
    people: tuple[str, ...]
    money: tuple[str, ...]
    sums: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything understanding knows. `whole`: topic (or `language <code>`) -> texts that mean it as the whole message;
    `opt_out`: patterns of natural opt-out requests; `number`: words for "number"; `numerals`: the words for one, for
    two and so on; `priority`: which topic wins a tie, best first; `orders`: tool -> the words that call it;
    `units`: the words of the loan sum, by what they mean."""

    sets: Mapping[str, Words]
    rules: tuple[Rule, ...]
    whole: Mapping[str, Words]
    opt_out: tuple[str, ...]
    polite: tuple[str, ...]
    number: tuple[str, ...]
    numerals: tuple[tuple[str, ...], ...]
    common: Words
    priority: tuple[str, ...]
    places: tuple[Place, ...]
    orders: Mapping[str, Words] = field(default_factory=dict)
    agencies: AgencyWords = field(default_factory=AgencyWords)
    units: Mapping[str, Words] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    faults: Faults
    sets: dict[str, Words] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    rules: list[tuple[str, Rule]] = field(default_factory=list)
    whole: dict[str, Words] = field(default_factory=dict)
    opt_out: list[str] = field(default_factory=list)
    polite: list[str] = field(default_factory=list)
    number: list[str] = field(default_factory=list)
    numerals: list[tuple[str, ...]] = field(default_factory=list)
    common: Words = field(default_factory=Words)
    priority: tuple[str, ...] = ()
    places: list[Place] = field(default_factory=list)
    orders: dict[str, Words] = field(default_factory=dict)
    units: dict[str, Words] = field(default_factory=dict)


def load(messages: Path) -> Lexicon:
    """Read the vocabulary. Raises `Unsound` with every fault as `file:line: reason`."""
    faults = Faults()
    found = read(messages, faults)
    if faults.found:
        raise Unsound(faults.found)
    return found


def read(messages: Path, faults: Faults) -> Lexicon:
    """Read the vocabulary; every fault goes to `faults` as `file:line: reason`."""
    from bot.content.nodes import read_block  # noqa: PLC0415 - a server reads no YAML

    draft = _Draft(faults)
    for path in sorted((messages / "keywords").glob("*.yaml")):
        block = read_block(path, path.relative_to(messages.parent).as_posix(), faults)
        if block:
            _read(draft, block)
    path = messages / "places.yaml"
    places = read_block(path, path.relative_to(messages.parent).as_posix(), faults)
    if places:
        _read_places(draft, places)
    _check(draft)
    rules = tuple(rule for _, rule in draft.rules)
    return Lexicon(
        draft.sets,
        rules,
        draft.whole,
        tuple(draft.opt_out),
        tuple(draft.polite),
        tuple(draft.number),
        tuple(draft.numerals),
        draft.common,
        draft.priority,
        tuple(draft.places),
        draft.orders,
        agencies.read(messages, faults),
        draft.units,
    )


def _read(draft: _Draft, block: Block) -> None:
    block.only(*_KEYS)
    _read_words(draft, block)
    for topic, inner in _lists(block, "rules"):
        for where, text in inner.placed(topic):
            rule = _rule(topic, text)
            if rule is None:
                draft.faults.add(where, f"cannot be read as a rule: {text!r}")
            else:
                draft.rules.append((where, rule))
    draft.opt_out += _patterns(draft, block)
    draft.polite += _split(block, "polite")
    draft.number += _split(block, "number")
    draft.numerals += [tuple(word.strip() for word in text.split(",")) for text in block.texts("numerals")]
    if block.has("common"):
        draft.common = _words(block.inner("common"))
    if block.has("priority"):
        draft.priority = tuple(block.text("priority").split())


def _read_words(draft: _Draft, block: Block) -> None:
    """The sets, whole messages and orders: names with their words."""
    for name, inner in block.named("sets"):
        if name in draft.sets or name in HEARD or not _NAME.fullmatch(name):
            draft.faults.add(inner.where, f"{name!r} is taken, or no name in capitals")
        draft.sets[name] = _words(inner)
        draft.at[name] = inner.where
    for name, inner in block.named("whole"):
        if name in draft.whole:
            draft.faults.add(inner.where, f"{name!r} comes twice")
        draft.whole[name] = _words(inner)
    for name, inner in block.named("orders"):
        if name in draft.orders or name not in TOOL_NAMES:
            draft.faults.add(inner.where, f"{name!r} comes twice, or is no tool ({', '.join(sorted(TOOL_NAMES))})")
        draft.orders[name] = _words(inner)
    for name, inner in block.named("units"):
        if name in draft.units or name not in UNITS:
            draft.faults.add(inner.where, f"{name!r} comes twice, or is no unit ({', '.join(UNITS)})")
        draft.units[name] = _words(inner)


def _lists(block: Block, key: str) -> Iterator[tuple[str, Block]]:
    """The names under `key`, with the mapping they stand in."""
    inner = block.inner(key)
    for name in inner.items:
        yield name, inner


def _patterns(draft: _Draft, block: Block) -> list[str]:
    found = []
    for where, text in block.placed("opt_out"):
        try:
            re.compile(text)
        except re.error as error:
            draft.faults.add(where, f"is no pattern ({error})")
        else:
            found.append(text)
    return found


def _words(block: Block) -> Words:
    block.only(*SCRIPTS)
    return Words(**{script: tuple(_split(block, script)) for script in SCRIPTS})


def _split(block: Block, key: str) -> list[str]:
    """The words of a comma-separated text; each once."""
    if not block.has(key):
        return []
    words = [word.strip() for word in block.text(key).split(",") if word.strip()]
    for word in sorted({word for word in words if words.count(word) > 1}):
        block.faults.add(block.at(key), f"{word!r} comes twice")
    return words


def _rule(topic: str, text: str) -> Rule | None:
    match = _WEIGHT.fullmatch(text)
    if not match:
        return None
    every, before, never = [], [], []
    for term in match["terms"].split():
        if term.startswith("!"):
            never.append(term[1:])
        elif ">" in term:
            first, _, then = term.partition(">")
            before.append((tuple(first.split("|")), tuple(then.split("|"))))
            every += [before[-1][0], before[-1][1]]
        else:
            every.append(tuple(term.split("|")))
    if not every:
        return None
    return Rule(topic, tuple(every), tuple(before), tuple(never), float(match["weight"] or 2 * len(every)))


def _read_places(draft: _Draft, block: Block) -> None:
    for code, inner in block.named():
        inner.only("words", "people", "money", "sums")
        if not re.fullmatch("[A-Z]{2}", code):
            draft.faults.add(inner.where, f"{code!r} is no country code (ISO 3166 alpha-2)")
        draft.places.append(Place(code, *(tuple(_split(inner, key)) for key in ("words", "people", "money", "sums"))))


def _check(draft: _Draft) -> None:
    """Every name a rule uses is a set, and every set is used; no rule comes twice; every topic has a priority."""
    used: set[str] = set(ASKED_FOR)
    first: dict[tuple[object, ...], str] = {}
    for where, rule in draft.rules:
        same = first.setdefault((rule.topic, rule.every, rule.before, rule.never), where)
        if same != where:
            draft.faults.add(where, f"the same rule stands at {same}")
        names = {name for group in rule.every for name in group} | set(rule.never)
        used |= names
        for name in sorted(names - draft.sets.keys() - set(HEARD)):
            draft.faults.add(where, f"no set is called {name!r}")
        if rule.topic.split(" ")[0] not in draft.priority:
            draft.faults.add(where, f"the topic {rule.topic!r} is not in `priority`")
    for name, where in draft.at.items():
        if name not in used:
            draft.faults.add(where, f"no rule uses the set {name}")

"""Reads `messages/` and `locale/` into one frozen Book, or says everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from bot.content import lexicon, model, networks, paper, sections, series
from bot.content.book import LANGUAGES, ROLES, TOPICS, Book, Language, State, Unsound
from bot.content.catalogs import Key, Translation, read_catalog
from bot.content.console import CONTEXT as CONSOLE
from bot.content.faults import Faults
from bot.content.ledger import Ledger, numbers
from bot.content.nodes import Block, read_block
from bot.content.template import changed, places

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = ROOT / "messages"
LOCALE = ROOT / "locale"

# Where a topic has no state `topics.<topic>`, `<topic>`, `system.<topic>` or `menu.<topic>`.
ENTRIES = {
    "menu": "menu.main",
    "country": "menu.countries",
    "none": "system.fallback",
    "greeting": "system.welcome",
    "quiz": "quiz.before.1",
    "stop": "system.stopped",
    "start": "system.started",
    "erase": "system.erased",
}

Value = TypeVar("Value")


def load(messages: Path = MESSAGES, locale: Path = LOCALE) -> Book:
    """The Book of these two directories. Raises Unsound with every fault of them, each `file:line: reason`."""
    faults = Faults()
    catalogs = {language: _catalog(locale, language, faults) for language in LANGUAGES}
    ledger = Ledger(faults)
    book = _Files(messages, ledger).book(catalogs)
    _check_translations(book, catalogs, ledger)
    if faults.found:
        raise Unsound(faults.found)
    return book


def po_path(locale: Path, language: str) -> Path:
    """Where the catalog of a language lies."""
    return locale / language / "LC_MESSAGES" / "messages.po"


def entry(topic: str, states: Container[str]) -> str | None:
    """The state a topic begins with, None where it has none."""
    names = (f"topics.{topic}", topic, f"system.{topic}", f"menu.{topic}", ENTRIES.get(topic, ""))
    return next((name for name in names if name in states), None)


def _catalog(locale: Path, language: str, faults: Faults) -> dict[Key, Translation]:
    path = po_path(locale, language)
    return read_catalog(path, path.relative_to(locale.parent).as_posix(), faults)


def _check_translations(book: Book, catalogs: Mapping[Language, Mapping[Key, Translation]], ledger: Ledger) -> None:
    """Every translation keeps the placeholders of its text (Babel does not look at them) and says no refused number."""
    for key in sorted(set(book.texts())):
        for catalog in catalogs.values():
            found = catalog.get(key)
            if found:
                reason = changed(key[1], found.text)
                if reason:
                    ledger.faults.add(found.where, reason)
                ledger.check_refused(found.where, found.text)


class _Files:
    """The files of `messages/`, read in the order in which they refer to each other."""

    def __init__(self, messages: Path, ledger: Ledger) -> None:
        self.messages = messages
        self.ledger = ledger
        self.faults = ledger.faults

    def book(self, catalogs: Mapping[Language, Mapping[Key, Translation]]) -> Book:
        ledger = self.ledger
        facts = self.file("facts.yaml", "sources", "facts")
        ledger.sources.update(name for name, _ in facts.named("sources"))
        ledger.facts.update(self.named(facts, "facts", sections.read_fact))
        lines = self.file("helplines.yaml", "elsewhere", "roles", "refused", "helplines")
        ledger.refused.update(self.refused(lines))
        ledger.helplines.update(self.named(lines, "helplines", sections.read_helpline))
        countries = self.file("countries.yaml", "countries")
        ledger.countries.update(self.named(countries, "countries", sections.read_country))
        states = dict(self.states())
        notices = self.named(self.file("notices.yaml", "notices"), "notices", sections.read_notice)
        printed = paper.read(self.messages, ledger)
        self.check_needed(states)
        return Book(
            states=MappingProxyType(states),
            helplines=MappingProxyType(ledger.helplines),
            countries=MappingProxyType(ledger.countries),
            notices=tuple(notices.values()),
            lexicon=lexicon.read(self.messages, self.faults),
            model=model.read(self.messages, self.faults),
            topics=MappingProxyType({topic: start for topic in sorted(TOPICS) if (start := entry(topic, states))}),
            facts=MappingProxyType(ledger.facts),
            cards=MappingProxyType(self.named(countries, "countries", sections.read_card)),
            elsewhere=tuple(self.elsewhere(lines)),
            roles=MappingProxyType(self.roles(lines)),
            alarming=frozenset(self.alarming()),
            paper=printed,
            catalogs=MappingProxyType({name: _texts(catalog) for name, catalog in catalogs.items()}),
            networks=MappingProxyType(self.networks()),
            series=MappingProxyType(self.series(states)),
            refused=MappingProxyType(ledger.refused),
        )

    def file(self, name: str, *keys: str) -> Block:
        """A file with these keys only; an empty one where it cannot be read."""
        block = self.read(self.messages / name)
        block.only(*keys)
        return block

    def read(self, path: Path) -> Block:
        name = path.relative_to(self.messages.parent).as_posix()
        return read_block(path, name, self.faults) or Block(name, f"{name}:1", {}, self.faults)

    def named(self, block: Block, key: str, read: Callable[[str, Block, Ledger], Value]) -> dict[str, Value]:
        return {name: read(name, item, self.ledger) for name, item in block.named(key)}

    def states(self) -> Iterator[tuple[str, State]]:
        first: dict[str, str] = {}
        paths = sorted((self.messages / "states").glob("**/*.yaml"))
        if not paths:
            self.faults.add(f"{self.messages.name}/states:1", "there are no states")
        for path in paths:
            for name, block in self.read(path).named():
                if name in first:
                    self.faults.add(block.where, f"the state {name!r} is already at {first[name]}")
                first[name] = block.where
                yield name, sections.read_state(name, block, self.ledger)

    def refused(self, block: Block) -> Iterator[tuple[str, str]]:
        for item in block.blocks("refused"):
            item.only("number", "country", "why")
            found = list(numbers(item.text("number")))
            if len(found) != 1:
                self.faults.add(item.at("number"), "must be one number")
            for number in found:
                yield number, item.text("why")

    def elsewhere(self, block: Block) -> Iterator[str]:
        named = block.placed("elsewhere")
        if not named:
            self.faults.add(block.where, "`elsewhere` must name a line that can be dialled from anywhere")
        for where, name in named:
            line = self.ledger.helplines.get(name)
            if line is None or line.e164 is None or not line.enabled:
                self.faults.add(where, f"{name} is not an enabled helpline with an e164")
            yield name

    def roles(self, block: Block) -> dict[str, str]:
        """The word for each role, in English."""
        labels = block.inner("roles")
        labels.only(*ROLES.values())
        for role in ROLES.values():
            self.ledger.check_plain(labels.at(role), labels.optional(role) or "")
        return {role: labels.text(role) for role in ROLES.values()}

    def networks(self) -> dict[str, str]:
        """Networks by the prefixes of their numbers; a content without the file knows none."""
        if not (self.messages / "networks.yaml").exists():
            return {}
        return networks.read(self.file("networks.yaml", "networks", "sources"), self.ledger.countries)

    def series(self, states: Mapping[str, State]) -> dict[str, series.Series]:
        """Series of texts; a content without the file has none."""
        if not (self.messages / "series.yaml").exists():
            return {}
        return dict(series.read(self.read(self.messages / "series.yaml"), states, self.ledger))

    def alarming(self) -> Iterator[str]:
        words = self.file("safety.yaml", "preview").inner("preview")
        words.only(*LANGUAGES)
        for language in LANGUAGES:
            yield from words.texts(language)

    def check_needed(self, states: Mapping[str, State]) -> None:
        for where, name in self.ledger.needed:
            if name not in states:
                self.faults.add(where, f"there is no state {name!r}")
        for state in states.values():
            for other in (name for fill in state.fills.values() for name in fill.states if name in states):
                if states[other].fills:
                    self.faults.add(state.where, f"{other} stands in {state.id} and has something to fill in itself")
        unnamed = states.get("system.this_country")
        if unnamed and places(unnamed.pages[0]):
            self.faults.add(unnamed.where, f"{unnamed.id} stands for a name and holds no placeholder")


def _texts(catalog: Mapping[Key, Translation]) -> Mapping[Key, str]:
    """What the house says to people; the words of the console are read with its first page."""
    return MappingProxyType({key: found.text for key, found in catalog.items() if key[0] != CONSOLE})

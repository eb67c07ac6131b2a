"""The frozen Book: everything the bot says and knows, checked once when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from re import Match
from typing import TYPE_CHECKING, Literal, NamedTuple

from bot.content.template import PLACE, places

if TYPE_CHECKING:  # lexicon.py raises Unsound, so it imports this file
    from bot.content.lexicon import Lexicon
    from bot.content.model import Model
    from bot.content.paper import Paper
    from bot.content.series import Series

Language = Literal["km", "km_Latn", "en"]
LANGUAGES: tuple[Language, ...] = ("km", "km_Latn", "en")

TOPICS = frozenset(
    (
        *("sos", "helplines", "unpaid_wages", "passport_kept", "injured_or_sick", "arrested_or_undocumented"),
        *("missing_person", "return_home"),
        *("legal_route", "documents", "costs", "agency_check", "job_offer", "warning_signs", "contract"),
        *("checklist", "border", "age", "marriage_abroad", "scam_work", "sea_work", "domestic_work"),
        *("rights", "money_home", "family", "loans", "study", "local_jobs"),
        *("country", "menu", "language", "stop", "start", "erase", "human", "quiz", "story", "more", "back"),
        *("greeting", "none"),
    )
)
"""The stable topic ids (design §4), also the vocabulary of `phlov understand`."""

ROLES: Mapping[str, str] = {
    "emergency_police": "police",
    "emergency_ambulance": "ambulance",
    "labour_ministry": "labour",
    "women_children": "women_children",
    "anti_trafficking": "trafficking",
    "legal_aid": "legal",
    "debt_mfi": "debt",
    "embassy": "embassy",
}
"""The role a category of helpline plays in `{call:ROLE}`; others play none unless the entry names its roles."""

TOOL_NAMES = frozenset({"agency", "cover", "depart", "join", "loan", "offer", "quiz"})
"""The tools of the conversation. The states of one are called after it (`quiz.before.2`), and only it leads there."""

ASKS = ("poll", "quiz", "check")
"""What a broadcast may ask: an opinion, what somebody knows, or how somebody is (which needs its own consent, H6)."""

ASK_KINDS = frozenset({"ask_morning", "ask_evening"})
"""What a line of a menu may mean: yes, you may ask how I am, at that time of the day. Also the kind of that day."""

HOME = "KH"
"""Where the people come from whom the texts are for, and where their families can call."""

FAMILY_CALLS = "system.family_calls"
"""Said, where there is such a state, after a first page whose numbers ring only at home, to a phone that is abroad."""

Scope = Literal["here", "there"]
"""Whose country an answer is about: `here`, where the sender's phone is; `there`, the country asked about."""


@dataclass(frozen=True, slots=True)
class Helpline:
    """One number of `messages/helplines.yaml`. `country` is ISO 3166 alpha-2; `local` is as dialled there."""

    id: str
    name: str
    category: str
    country: str
    local: str | None
    e164: str | None
    languages: tuple[str, ...]
    khmer: str
    hours: str
    toll_free: str
    sources: tuple[str, ...]
    source_date: str | None
    confidence: str
    bot_use: Literal["ok", "verify_first"]
    checked_on: date | None
    checked_by: str | None
    roles: tuple[str, ...]
    disabled: bool = False
    instead: str | None = None

    @property
    def enabled(self) -> bool:
        """Emergency services are never withheld; `verify_first` waits for a check date (design §5). What staff took out
        of use is not said until they put it back, unless it bears the numbers of another line `instead` of its own."""
        emergency = self.category.startswith("emergency_")
        given = not self.disabled or self.instead is not None
        usable = given and (self.bot_use == "ok" or self.checked_on is not None)
        return self.local is not None and (emergency or usable)

    @property
    def review(self) -> Literal["drafted", "test-called"]:
        """Whether a person has dialled it (`checked_on`, `checked_by`), or it only stands in its sources."""
        return "test-called" if self.checked_on else "drafted"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a numbered menu. `aliases` are words besides the label that choose it; `context` is its msgctxt.

    `means` is what a tool makes of the answer: `right` in the quiz.
    """

    label: str
    go: str
    aliases: tuple[str, ...] = ()
    country: str | None = None
    language: Language | None = None
    context: str = ""
    means: str = ""


class Fill(NamedTuple):
    """What may stand for `{fill:NAME}`: a computed text no wider than `example`, or the text of one of `states`."""

    example: str
    states: tuple[str, ...]


def place_of(state_id: str) -> str | None:
    """The country a help card is written for: TH for `countries.TH`; None for every other state."""
    group, _, code = state_id.partition(".")
    return code if group == "countries" and len(code) == 2 else None


@dataclass(frozen=True, slots=True)
class State:
    """One thing the bot says. English source text; `pages[0]` first, the others after MORE.

    `by_country` holds other first pages where the law or the numbers of a country differ. `sensitive` states are
    forgotten after 15 minutes (design §4). `facts` are ids of the facts the text states. `where` is `file:line`.
    `fills` says what a tool fills in; with `notices` off no notice is said before the text. `asks` is one of `ASKS`
    if a broadcast may ask it.
    """

    id: str
    topic: str
    pages: tuple[str, ...]
    by_country: Mapping[str, tuple[str, ...]]
    choices: tuple[Choice, ...]
    facts: tuple[str, ...]
    sensitive: bool
    scope: Scope
    budget: int
    hints: bool
    where: str
    fills: Mapping[str, Fill] = field(default_factory=dict)
    notices: bool = True
    asks: str = ""

    @property
    def place(self) -> str | None:
        """The country whose phones the text is written for, whoever reads it: TH for `countries.TH`."""
        return place_of(self.id)

    def pages_for(self, country: str | None) -> tuple[str, ...]:
        """The pages said about `country`, the one the scope asks for."""
        return self.by_country.get(country or "", self.pages)


@dataclass(frozen=True, slots=True)
class Notice:
    """A dated situation notice, said first where its topics and countries apply and `valid_until` has not passed."""

    id: str
    say: str
    topics: frozenset[str]
    countries: frozenset[str]
    valid_until: date
    facts: tuple[str, ...]
    where: str

    def applies(self, topic: str, country: str | None, today: date) -> bool:
        """Is it to be said before an answer on `topic` about `country`? No countries listed means everywhere."""
        in_force = today <= self.valid_until and topic in self.topics
        return in_force and (not self.countries or country in self.countries)


@dataclass(frozen=True, slots=True)
class Country:
    """A country with a help card. `calling_code` is written as +855."""

    code: str
    name: str
    calling_code: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What a text may state: the sentence, where it comes from and how sure it is (high, medium, low)."""

    id: str
    fact: str
    sources: tuple[str, ...]
    source_date: str | None
    confidence: str


class Unsound(Exception):
    """The content may not be served. `faults` say `file:line: reason`, one each; the text is all of them."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Question(NamedTuple):
    """What decides the words of one page."""

    state_id: str
    language: Language
    here: str | None
    there: str | None
    page: int
    today: date
    fills: tuple[tuple[str, str], ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Everything the bot says and knows; never changes once loaded, so one Book may serve all threads.

    `topics` leads from a topic to its entry state. `cards` list the ledger ids of a country, best first; `elsewhere`
    are the lines for a place without a card. `lexicon` is the vocabulary of understanding, `model` what it learned from
    examples, `paper` what is only printed or read aloud. `catalogs` hold the translations by language, context and
    English text. `networks` are those of numbers by their beginning (`+85510`), `series` the texts
    that are sent one after the other. `refused` are numbers that must never be said, and why.
    """

    states: Mapping[str, State]
    helplines: Mapping[str, Helpline]
    countries: Mapping[str, Country]
    notices: tuple[Notice, ...]
    lexicon: Lexicon
    model: Model
    topics: Mapping[str, str]
    facts: Mapping[str, Fact]
    cards: Mapping[str, tuple[str, ...]]
    elsewhere: tuple[str, ...]
    roles: Mapping[str, str]
    alarming: frozenset[str]
    paper: Paper
    catalogs: Mapping[Language, Mapping[tuple[str, str], str]]
    networks: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    _answer: Callable[[Question], str] = field(init=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        return Book, tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def __post_init__(self) -> None:
        # Answers repeat far more than they differ; 1,024 of them take 1 MB.
        object.__setattr__(self, "_answer", lru_cache(maxsize=1024)(self._render))

    def answer(
        self,
        state_id: str,
        language: Language,
        *,
        here: str | None,
        there: str | None,
        today: date,
        page: int = 0,
        fills: tuple[tuple[str, str], ...] = (),
        bare: bool = False,
    ) -> str:
        """One finished page: notices, text, numbered choices (first page only), and how to get the next page.
        A phone abroad is told that the family can call where all numbers of the first page ring only at home.

        `here` is the country of the phone, `there` the country asked about. `fills` gives what the state's `fills`
        ask for, by name: a text, or the id of a state. A `bare` page has neither choices nor the way to the next.
        KeyError for an unknown state or a fill that is not given, IndexError for a page that is not there.
        """
        return self._answer(Question(state_id, language, here, there, page, today, fills, bare))

    def page_count(self, state_id: str, country: str | None) -> int:
        """How many pages a state has for `country`, the one its scope asks for."""
        return len(self.states[state_id].pages_for(country))

    def label(self, choice: Choice, language: Language) -> str:
        return self.words(choice.context, choice.label, language)

    def country_name(self, code: str, language: Language) -> str:
        return self.words("country", self.countries[code].name, language)

    def role_label(self, role: str, language: Language) -> str:
        return self.words("role", self.roles[role], language)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text that is translated, as (msgctxt, English text)."""
        for state in self.states.values():
            for pages in (state.pages, *state.by_country.values()):
                yield from ((state.id, page) for page in pages)
            yield from ((choice.context, choice.label) for choice in state.choices)
        yield from ((f"notice/{notice.id}", notice.say) for notice in self.notices)
        yield from (("country", country.name) for country in self.countries.values())
        yield from (("role", label) for label in self.roles.values())
        yield from self.paper.all()

    def words(self, context: str, text: str, language: Language) -> str:
        """The translation of an English text, the text itself where there is none."""
        return self.catalogs[language].get((context, text), text)

    def call(self, role: str, country: str | None) -> Helpline:
        """The best enabled line of `role` for a phone in `country`: that role, else police, else any on its card.

        A place without a card gets the lines that can be dialled from abroad (`elsewhere`); the loader sees to it
        that there is one.
        """
        return self._found(role, country)[1]

    def dial(self, helpline: Helpline, here: str | None) -> str:
        """The number as dialled from `here`; ValueError where it cannot be."""
        number = helpline.local if helpline.country == here else helpline.e164
        if number is None:
            raise ValueError(f"{helpline.id} cannot be dialled from {here or 'an unknown place'}")
        return number

    def _found(self, role: str, country: str | None) -> tuple[str, Helpline]:
        """The role that could be met, and its line."""
        enabled = self._enabled(self.cards.get(country or "", ())) or self._enabled(self.elsewhere)
        for wanted in (role, "police"):
            for line in enabled:
                if wanted in line.roles:
                    return wanted, line
        return next(iter((*enabled[0].roles, role))), enabled[0]

    def _enabled(self, names: Iterable[str]) -> list[Helpline]:
        return [self.helplines[name] for name in names if self.helplines[name].enabled]

    def _render(self, question: Question) -> str:
        state_id, language, here, there, page, today, given, bare = question
        state = self.states[state_id]
        fills = dict(given)
        here = state.place or here
        pages = state.pages_for(here if state.scope == "here" else there)
        country = state.place or there or here

        def fill(context: str, text: str) -> str:
            return PLACE.sub(put, self.words(context, text, language))

        def put(place: Match[str]) -> str:
            if place[1] != "fill":
                return self._fill(place, language, here, country)
            value = fills[place[2]]
            if not state.fills[place[2]].states:
                return value
            other = self.states[value]
            return fill(value, other.pages_for(here if other.scope == "here" else there)[0])

        lines = []
        if page == 0 and state.notices:
            valid = (notice for notice in self.notices if notice.applies(state.topic, country, today))
            lines += [fill(f"notice/{notice.id}", notice.say) for notice in valid]
        lines.append(fill(state.id, pages[page]))
        if page == 0:
            lines += () if bare else self._menu(state, language)
            if state.hints and not (state.choices or state.fills) and self._only_home_rings(pages[0], here):
                lines += (fill(FAMILY_CALLS, text) for text in self.states[FAMILY_CALLS].pages)
        if state.hints and not bare and page + 1 < len(pages):
            lines.append(fill("system.hint_more", self.states["system.hint_more"].pages[0]))
        return "\n".join(lines)

    def _only_home_rings(self, text: str, here: str | None) -> bool:
        """Whether the phone is abroad and none of the numbers of a text rings there, but one does at home."""
        found = places(text)
        if here in (None, HOME) or FAMILY_CALLS not in self.states or any(kind in ("call", "tel") for kind, _ in found):
            return False
        countries = {self.helplines[name].country for kind, name in found if kind == "local"}
        return HOME in countries and here not in countries

    def _menu(self, state: State, language: Language) -> Iterator[str]:
        for number, choice in enumerate(state.choices, 1):
            yield f"{number}. {self.label(choice, language)}"

    def _fill(self, place: Match[str], language: Language, here: str | None, country: str | None) -> str:
        kind, name = place[1], place[2]
        if kind == "tel":
            return self.dial(self.helplines[name], here)
        if kind == "local":
            return self.helplines[name].local or ""
        if kind == "country":
            if country and country in self.countries:
                return self.country_name(country, language)
            return self.words("system.this_country", self.states["system.this_country"].pages[0], language)
        role, line = self._found(name, here)
        return self.role_label(role, language) if kind == "who" else self.dial(line, here)

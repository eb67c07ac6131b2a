"""The words of a broadcast in each language, and what is wrong with them before anybody gets them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple
from unicodedata import category, name

from bot.check.problem import Level, Problem
from bot.check.wording import PREVIEW, alarming
from bot.content.book import HOME, LANGUAGES, Book, Language, State
from bot.content.ledger import numbers
from bot.services.asking import may_ask
from bot.services.ending import Said, last_line, said, tells_how_to_end
from bot.text.khmer import clean, digits, fold, has_khmer
from bot.text.sms import Encoding, Segments, forcing, segments
from bot.text.syllable import mistyped

MOST_PARTS: Final = 3
"""A text that nobody asked for is no longer than an answer (H3)."""
NAMES: Final[Mapping[Language, str]] = {"km": "Khmer", "km_Latn": "Khmer in Latin letters", "en": "English"}
SAVING: Final = 10
"""So few units over the end of a part are worth a word."""
LONG_NUMBER: Final = 8
"""Digits from which on a number can only be somebody's phone."""
SHOWN: Final = 5
"""Characters that are named one by one."""
HOUSE: Final = "phlov"
"""The name by which the texts call us."""

_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\u17b4\u17b5]")
_OPEN = re.compile(r"[{}]|\[[^\[\]\n]{1,40}\]|<[^<>\n]{1,40}>|\b[xX]{3,}\b|_{3,}|%\([a-z]+\)s|%s")
_LINK = re.compile(r"https?:|\bwww\.|\b[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*\.[a-z]{2,}/|\b[a-z0-9-]{2,}\.[a-z]{2,4}\b", re.I)
_DAY = re.compile(r"\b[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2,4}\b")
_SHORTENED = re.compile(
    r"\b(?:bit\.ly|bitly\.com|buff\.ly|cutt\.ly|goo\.gl|is\.gd|ow\.ly|rb\.gy|rebrand\.ly|s\.id|shorturl\.at|t\.co|t\.ly"
    r"|tiny\.cc|tinyurl\.com|v\.gd|urlz\.fr|lnkd\.in|fb\.me|wa\.me|m\.me|t\.me)\b",
    re.I,
)
_PLAIN: Final[Mapping[str, str]] = {
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
    "\u00a0": "a blank", "\u2022": "-", "\u00b4": "'", "\u02bc": "'", "\u2212": "-", "\u200a": "a blank",
}  # fmt: skip
"""What costs nothing, for signs that word processors put in by themselves."""


@dataclass(frozen=True, slots=True)
class Fault(Problem):
    """What is wrong with a text, as commands say it (`what`) and as pages do: in their own words of this `name`, with
    these filled in. `languages` among the fills are to be named first."""

    name: str = ""
    fills: Mapping[str, object] = field(default_factory=dict)


def _fault(level: Level, name: str, what: str, **fills: object) -> Fault:
    return Fault(level, "", what, name, fills)


@dataclass(frozen=True, slots=True)
class Written:
    """The words in one language, and what they cost one person. `opens`: the state that an answer leads into."""

    language: Language
    words: str
    encoding: Encoding
    units: int
    parts: int
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """The words of a broadcast. Each problem names its language in `where`; with an error nothing can be sent."""

    texts: tuple[Written, ...]
    problems: tuple[Fault, ...]
    state: str | None = None

    @property
    def sound(self) -> bool:
        """Whether it can be sent."""
        return bool(self.texts) and all(problem.level != "error" for problem in self.problems)

    @property
    def parts(self) -> Mapping[str, int]:
        """SMS parts of one text, by language."""
        return {text.language: text.parts for text in self.texts}


class Sender(NamedTuple):
    """Whose name a text may bear: the campaign's code and its name."""

    code: str = ""
    name: str = ""


def free(book: Book, given: Mapping[Language, str], sender: Sender | None = None) -> Composed:
    """A text that staff wrote, in as many languages as they gave."""
    texts: list[Written] = []
    problems: list[Fault] = []
    for language in (each for each in LANGUAGES if each in given):
        problems += _raw(language, given[language])
        words = _tidy(given[language])
        texts.append(_written(language, words, None))
        problems += _checked(book, language, words, sender or Sender())
    return Composed(tuple(texts), (*problems, *_missing(given)))


def from_state(
    book: Book,
    state_id: str,
    today: date,
    *,
    countries: Iterable[str | None] = (HOME,),
    sender: Sender | None = None,
) -> Composed:
    """A text of the catalog in its three languages, as the book says it to phones in `countries`, with the last line
    that says who it is from and how to stop.
    """
    state = book.states.get(state_id)
    if state is None or state.fills:
        return Composed((), (_unfit(state_id, known=state is not None),), state_id)
    places = sorted({country or "" for country in countries}) or [HOME]
    asks = may_ask(book, state_id)
    opens = state_id if asks else None
    texts: list[Written] = []
    problems: list[Fault] = list(_state_problems(state, asks=asks))
    for language in LANGUAGES:
        each = {place: said(book, state_id, language, here=place or None, today=today) for place in places}
        text = each[HOME if HOME in each else places[0]]
        texts.append(_written(language, text.whole, opens))
        problems += _checked(book, language, text.whole, sender or Sender())
        problems += _dearer(language, text)
        others = [place or "unknown countries" for place in places if each[place] != text]
        if others:
            what = f"Numbers in {', '.join(others)} read other words; make a broadcast for each country."
            problems.append(Fault("error", language, what, "other_words", {"countries": tuple(others)}))
    return Composed(tuple(texts), tuple(problems), state_id)


def _unfit(state_id: str, *, known: bool) -> Fault:
    if known:
        return _fault("error", "state_fills", f"The text {state_id} has places that only a talk can fill.")
    return _fault("error", "state_unknown", f"The text {state_id} is not in the catalog (messages/states).")


def _state_problems(state: State, *, asks: bool) -> Iterator[Fault]:
    if state.topic == "sos" or state.sensitive:
        yield _fault(
            "error", "state_private", f"The text {state.id} is for people who asked; who sees it may guess why."
        )
    if state.choices and not asks:
        yield _fault("error", "state_asks", f"The text {state.id} asks something that a broadcast may not ask.")


def _dearer(language: Language, text: Said) -> Iterator[Fault]:
    """What the last line costs."""
    without, parts = len(segments(text.words).parts), len(segments(text.whole).parts)
    if parts > without:
        what = f"Its last line, which says how to stop, makes it {parts} parts instead of {without}."
        yield Fault("warning", language, what, "last_line", {"parts": parts, "without": without})


def _written(language: Language, words: str, opens: str | None) -> Written:
    cost = segments(words)
    return Written(language, words, cost.encoding, cost.units, len(cost.parts), opens)


def _tidy(raw: str) -> str:
    """The words as they go out: lines without blanks at their ends, nothing unseen."""
    lines = clean(_UNSEEN.sub("", raw).replace("\u00a0", " ")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _raw(language: Language, raw: str) -> Iterator[Fault]:
    """What is lost or dangerous in the text as it was given."""
    unseen = len(_UNSEEN.findall(raw))
    if unseen:
        signs = "1 sign that nobody sees was" if unseen == 1 else f"{unseen} signs that nobody sees were"
        what = f"{signs} taken out (zero width spaces: each would cost a place)."
        yield Fault("warning", language, what, "unseen", {"count": unseen})
    bad = dict.fromkeys(char for char in _UNSEEN.sub("", raw) if char not in "\n\r\t" and category(char)[0] == "C")
    if bad:
        named = ", ".join(f"U+{ord(char):04X}" for char in list(bad)[:SHOWN])
        what = f"It holds signs that can hide or turn words round ({named}); type the text anew."
        yield Fault("error", language, what, "turning", {"signs": named})


def _checked(book: Book, language: Language, words: str, sender: Sender) -> Iterator[Fault]:
    if not words:
        yield Fault("error", language, "There is no text.", "empty")
        return
    yield from (replace(fault, where=language) for fault in _faults(book, language, words, sender))


def _faults(book: Book, language: Language, words: str, sender: Sender) -> Iterator[Fault]:
    cost = segments(words)
    if len(cost.parts) > MOST_PARTS:
        what = f"It takes {len(cost.parts)} SMS parts, {MOST_PARTS} are allowed; make it shorter."
        yield _fault("error", "long", what, parts=len(cost.parts), most=MOST_PARTS)
    word = alarming(book, words)
    if word:
        where = f"within the first {PREVIEW} characters, which a locked phone shows"
        what = f"The word {word!r} stands {where}; begin with something harmless."
        yield _fault("error", "alarming", what, word=word, count=PREVIEW)
    if found := _OPEN.search(words):
        what = f"{found[0]!r} looks like a place that somebody forgot to fill in."
        yield _fault("error", "open_place", what, found=found[0])
    yield from _links(words)
    yield from _script(language, words)
    yield from _typing(words)
    yield from _dear(language, words, cost)
    yield from _strange_numbers(book, words)
    yield from _courtesy(book, language, words, sender)


def _links(words: str) -> Iterator[Fault]:
    if found := _SHORTENED.search(words):
        what = f"{found[0]} hides where it leads; people cannot tell it from a trap. Say it in words."
        yield _fault("error", "shortened", what, found=found[0])
    elif found := _LINK.search(words):
        what = f"{found[0]!r} looks like a link: not every phone opens it, and nobody may need it to be safe."
        yield _fault("warning", "link", what, found=found[0])


def _script(language: Language, words: str) -> Iterator[Fault]:
    if language == "km" and not has_khmer(words):
        yield _fault("error", "no_khmer", "It holds no Khmer letters.")
    elif language != "km" and has_khmer(words):
        what = f"It holds Khmer letters, which phones set to {NAMES[language]} may not show."
        yield _fault("error", "khmer_letters", what)


def _typing(words: str) -> Iterator[Fault]:
    """Khmer syllables that phones may show otherwise than they look here. No dictionary is asked."""
    found = mistyped(words)
    wrong = [f"{typed!r}, write {right!r}" for typed, right in found if right]
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        how = "in the order letter, subscript, vowel, sign, each once"
        told = "; ".join(wrong[:SHOWN]) + more
        what = f"Some phones show these syllables wrong: {told}. They may look alike here: type them {how}."
        pairs = ", ".join(f"{typed} \u2192 {right}" for typed, right in found[:SHOWN] if right)
        yield _fault("warning", "mistyped", what, pairs=pairs)
    if len(wrong) < len(found):
        what = "It holds Khmer signs without a letter, which phones show on a dotted ring."
        yield _fault("warning", "bare_signs", what)


def _dear(language: Language, words: str, cost: Segments) -> Iterator[Fault]:
    """What makes a text cost more than it need."""
    foreign = forcing(words)
    if language != "km" and foreign and not has_khmer(words):
        plain = {index for index, _ in foreign}
        cheap = len(segments("".join("?" if at in plain else char for at, char in enumerate(words))).parts)
        signs = "; ".join(map(_advice, list(dict.fromkeys(char for _, char in foreign))[:SHOWN]))
        dearer = f"make it {len(cost.parts)} parts instead of {cheap}"
        roomless = "leave room for 70 characters in a part instead of 160"
        what = f"These signs {dearer if cheap < len(cost.parts) else roomless}: {signs}."
        named = "  ".join(dict.fromkeys(char for _, char in foreign[:SHOWN]))
        called = "dear_signs" if cheap < len(cost.parts) else "roomless"
        yield _fault("warning", called, what, signs=named, parts=len(cost.parts), cheap=cheap)
    over = _over(cost)
    if 0 < over <= SAVING and len(cost.parts) > 1:
        fewer = f"{over} sign{'s' * (over > 1)} fewer"
        what = f"{fewer} would make it {len(cost.parts) - 1} of the {len(cost.parts)} parts it takes."
        yield _fault("warning", "fewer", what, count=over, fewer=len(cost.parts) - 1, parts=len(cost.parts))


def _over(cost: Segments) -> int:
    """Units by which a text is too long for one part less."""
    one, several = (160, 153) if cost.encoding == "GSM-7" else (70, 67)
    fewer = len(cost.parts) - 1
    return cost.units - (one if fewer == 1 else fewer * several)


def _advice(char: str) -> str:
    what = f"{char!r} ({name(char, f'U+{ord(char):04X}').lower()})"
    return f"{what}, write {_PLAIN[char]}" if char in _PLAIN else what


def _strange_numbers(book: Book, words: str) -> Iterator[Fault]:
    """Numbers to call that nobody has looked over."""
    lines = book.helplines.values()
    known = {found for line in lines for said in (line.local, line.e164) if said for found in numbers(said)}
    for number in dict.fromkeys(numbers(_DAY.sub(" ", digits(words)))):
        if len(number) >= LONG_NUMBER and number not in known:
            what = f"The number {number} is not in messages/helplines.yaml: call it before you send this."
            yield _fault("warning", "number", what, number=number)


def _courtesy(book: Book, language: Language, words: str, sender: Sender) -> Iterator[Fault]:
    """Who is it from, and how does it end?"""
    folded = f" {fold(words)} "
    names = [fold(each) for each in (sender.code, sender.name, HOUSE) if each]
    if not any(each in folded for each in names):
        known = " or ".join(filter(None, (sender.name, sender.code, "Phlov")))
        what = f"It does not say who it is from: put {known} into it."
        yield _fault("warning", "sender", what, names=" / ".join(filter(None, (sender.name, sender.code, "Phlov"))))
    if not tells_how_to_end(book, words):
        line = last_line(book, language)
        yield _fault("warning", "ending", f"It does not say how to end these texts: add the line {line!r}.", line=line)


def _missing(given: Mapping[Language, str]) -> Iterator[Fault]:
    """Languages without words of their own."""
    absent = [NAMES[language] for language in LANGUAGES if language not in given]
    if not given:
        yield _fault("error", "nothing", "There is no text in any language.")
    elif absent:
        what = f"There is no text in {' and '.join(absent)}: who reads only that gets another language."
        yield _fault("warning", "missing", what, languages=tuple(each for each in LANGUAGES if each not in given))

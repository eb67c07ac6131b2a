"""From a text to the topic it is about, in Khmer, Khmer in Latin letters and English (the order is design §4's)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

from bot.content.book import Language
from bot.content.lexicon import Lexicon, Words
from bot.content.model import Model
from bot.conversation import countries
from bot.conversation.classifier import Classifier
from bot.conversation.features import features
from bot.conversation.hearing import Ear, Heard
from bot.conversation.orders import GIVES_WAY, MEANT, SURE, TOPICS, Order, Orders
from bot.conversation.rules import SHORT, Rules
from bot.conversation.writing import Writing
from bot.text.khmer import fold

MACHINE = "none machine"
"""The topic of the rules that tell a machine's texts (codes, adverts, auto-replies): nobody waits for an answer."""

WITHOUT_PLACE = ("none", "stop", "start", "erase", "human", "menu", "quiz", "story", "more", "back", "greeting")
"""Topics whose answer is the same wherever it is asked."""

URGENT = ("stop", "start", "erase", "sos", "human", "menu", "language", "quiz", "story", "more", "back")
"""Topics a whole text of which is heard before the open menu is asked."""

ASKING = frozenset(("HOW", "HOW_LONG", "HOW_MUCH", "WHAT", "WHEN", "WHERE_Q"))
BESIDES = ASKING.union(
    ("WHICH", "NEED", "MAKE", "WORK", "JOB", "TOWARDS", "TAKE", "TAKE_FEE", "CHAT", "ME", "PLEASE_SEND"),
    ("CHANGED", "CAN", "GET", "SHOULD", "SHORT", "NUMBER", "SMALL_NUMBER"),
)
"""Sets of which a question that asks on consists, and those heard in the same words."""

RECENT = 32
"""So many texts are remembered, in memory only, while they are answered: one a thread, and some to spare."""

_LETTERS = re.compile("[^0-9a-z\u1780-\u17d3]+")
_SMALL = re.compile("[0-9]{1,2}")
_ENOUGH = 2.0
_ASKED_BRIEFLY = 7
_SURE = ((6.0, 0.9), (4.0, 0.8), (3.0, 0.65), (0.0, 0.5))
_HEARD = 0.5
_OPT_OUT, _OPT_OUT_DOUBTED, NEVER = -0.3, 0.15, 99.0
_ANOTHER_MATTER = 6.0

Verdict = Sequence[tuple[str, float]]
"""Topics with their points, best first."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text is about. `country`: ISO code if it names one. `confidence`: 1.0 for a command, a keyword that is the
    whole text, or (with topic `none`) a text no person wrote. `language`: of the writer, None if nothing tells; with
    topic `language` the language asked for, None if not said."""

    topic: str
    country: str | None
    confidence: float
    language: Language | None


class Vocabulary(Protocol):
    """The part of the Book that understanding needs."""

    @property
    def lexicon(self) -> Lexicon: ...

    @property
    def model(self) -> Model: ...


class Reader:
    """Understands texts by the vocabulary of a book. Made once (some 100 ms), then shared by all threads."""

    def __init__(self, book: Vocabulary) -> None:
        lexicon = book.lexicon
        places = {name: folded(words) for name, words in countries.sets(lexicon.places).items()}
        named = {name: folded(words) for name, words in lexicon.sets.items()}
        self._writing = Writing(folded(lexicon.common), named)
        self._ear = Ear({**named, **places}, folded(lexicon.common))
        self._rules = Rules(lexicon.rules, lexicon.priority)
        self._classifier = Classifier(book.model)
        self._whole = {squeeze(fold(word)): topic for topic, words in lexicon.whole.items() for word in words}
        self._opt_out = re.compile("|".join(f"(?:{pattern})" for pattern in lexicon.opt_out) or "(?!)")
        self._polite = around(lexicon.polite)
        self._bare = lru_cache(maxsize=RECENT)(partial(self._polite.sub, ""))
        self._number = around(lexicon.number)
        self._orders = Orders(lexicon.orders, self._polite)
        self._numerals = {
            squeeze(fold(word)): value for value, words in enumerate(lexicon.numerals, 1) for word in words
        }
        # One text is asked about several times in a row: is it urgent, what is it about, who wrote it.
        self._listen = lru_cache(maxsize=RECENT)(self._heard)
        self._judge = lru_cache(maxsize=RECENT)(self._judged)
        self._language = lru_cache(maxsize=RECENT)(self._writing.language)
        self._exactly = lru_cache(maxsize=RECENT)(self._exact)

    def urgent(self, text: str) -> Understanding | None:
        """Opt-out and commands as the whole text, then emergencies wherever they are said; else None."""
        plain = fold(text)
        topic = self._exactly(plain)
        if topic and topic.split(" ")[0] in URGENT:
            return self._certain(topic, plain)
        if topic is None and not _SMALL.fullmatch(plain):
            found = self._judge(plain)
            if found.topic == "sos":
                return found
        return None

    def order(self, text: str, meant: float = MEANT) -> Order | None:
        """The tool a text calls by its first word; None where it reads, as surely as `meant`, like a sentence about
        something else."""
        order = self._orders.read(text)
        if order and order.rest and order.name not in SURE:
            found = self._judge(fold(text))
            if found.topic not in GIVES_WAY and found.topic != TOPICS[order.name] and found.confidence >= meant:
                return None
        return order

    def plain(self, text: str) -> Understanding | None:
        """The topic of a text by keywords, inside sentences and misspelled too, and by what it has in common with the
        example texts; None where nothing fits."""
        plain = fold(text)
        topic = self._exactly(plain)
        found = self._certain(topic, plain) if topic else self._judge(plain)
        return found if found.confidence > 0 else None

    def understand(self, text: str) -> Understanding:
        """The topic of a text; `none` where nothing fits."""
        found = self.urgent(text)
        if found is None and (order := self.order(text)):
            topic = TOPICS[order.name]
            place = None if topic in WITHOUT_PLACE else self.country(text)
            return Understanding(topic, place, 1.0, self.language(text))
        found = found or self.plain(text)
        return found or Understanding("none", None, 0.0, self.language(text))

    def asks_on(self, text: str) -> bool:
        """Whether a text is a question that names no matter of its own: `how many days`, `nov na`."""
        heard = self._listen(fold(text))
        return heard.tokens <= _ASKED_BRIEFLY and not ASKING.isdisjoint(heard.at) and heard.at.keys() <= BESIDES

    def country(self, text: str) -> str | None:
        """The country a text names, by its name, a town, its people or its coin."""
        return self._listen(fold(text)).country

    def number(self, text: str) -> int | None:
        """The number below a hundred that is the whole text, in digits or words: `2`, `number 2`, `2 please`, `two`."""
        plain = self._number.sub("", self._bare(fold(text))).strip()
        return int(plain) if _SMALL.fullmatch(plain) else self._numerals.get(squeeze(plain))

    def language(self, text: str) -> Language | None:
        """The script and language the writer used; None where nothing tells (digits, names, keyboard noise)."""
        return self._language(fold(text))

    def _exact(self, plain: str) -> str | None:
        """What the text means as a whole: an opt-out, a command or a keyword, polite words round it left out."""
        if len(plain) > 120:
            return None
        word = squeeze(plain)
        topic = self._whole.get(word)
        if topic is None and (bare := self._bare(plain)) != plain:
            topic = self._whole.get(squeeze(bare))
        if topic is None and self._opt_out.fullmatch(word):
            return "stop"
        return topic

    def _certain(self, topic: str, plain: str) -> Understanding:
        topic, _, wanted = topic.partition(" ")
        if topic == "language":
            return Understanding(topic, None, 1.0, as_language(wanted))
        return Understanding(topic, self._place(topic, plain), 1.0, self._language(plain))

    def _place(self, topic: str, plain: str) -> str | None:
        return countries.country(self._ear.hear(plain, english=False)) if topic == "country" else None

    def _heard(self, plain: str) -> Heard:
        """What is heard in a folded text, with the sets that stand for the text as a whole."""
        heard = self._ear.hear(plain, english=self._language(plain) == "en")
        heard.country = countries.country(heard)
        if heard.country:
            heard.add(("PLACE",), 0, 0)
        if heard.tokens <= SHORT and len(plain) <= 6 * SHORT:
            heard.add(("SHORT",), 0, 0)
        return heard

    def whole(self, text: str) -> str | None:
        """The topic of a text that is nothing but a command, an opt-out or a keyword; None for any other."""
        topic = self._exactly(fold(text))
        return topic and topic.split(" ")[0]

    def observe(self, text: str) -> set[str]:
        """The features that the classifier is trained on."""
        plain = fold(text)
        heard = self._listen(plain)
        return features(plain, self._language(plain), heard, self._rules.judge(heard))

    def _judged(self, plain: str) -> Understanding:
        """What a text is about that is no command: the rules and the classifier, which has the rules' verdict among its
        features, so that it need not be asked which of them to believe."""
        language = self._language(plain)
        heard = self._listen(plain)
        ruled = self._rules.judge(heard)
        learned = self._classifier.weigh(features(plain, language, heard, ruled))
        if ruled and ruled[0][1] < _ENOUGH:
            ruled = []
        topic, sure = self._decided(ruled, learned, opt_out=opt_out_margin(heard, ruled))
        if topic == MACHINE:
            return Understanding("none", None, 1.0, language)
        if topic in WITHOUT_PLACE:
            return Understanding(topic, None, sure, language)
        topic, _, wanted = topic.partition(" ")
        if topic == "language":
            return Understanding(topic, None, sure, as_language(wanted))
        return Understanding(topic, heard.country, sure, language)

    def _decided(self, ruled: Verdict, learned: Mapping[str, float], *, opt_out: float) -> tuple[str, float]:
        """The topic and how sure it is; `none` with no certainty where nobody knows."""
        first, points = ruled[0] if ruled else ("none", 0.0)
        if not learned:
            return first, next(each for least, each in _SURE if points >= least) if ruled else 0.0
        if learned["sos"] >= self._classifier.model.danger:
            return "sos", max(self._classifier.certainty(learned["sos"]), _HEARD)
        if first == MACHINE:
            return first, 1.0
        topic = max(learned, key=learned.__getitem__)
        if topic == "stop" and learned[topic] < opt_out:
            topic = max((each for each in learned if each != "stop"), key=learned.__getitem__)
        margin = learned[topic]
        if margin < self._classifier.model.least:
            return "none", 0.0
        if first.split(" ")[0] == topic:
            topic = first  # the rules know which language is asked for
        return topic, self._classifier.certainty(margin)


def opt_out_margin(heard: Heard, ruled: Verdict) -> float:
    """How sure the classifier must be that a text wishes for no more messages, by what else is heard in it.

    Nobody is opted out by the mood of a text alone: it must speak of an end, and of messages or of little else.
    """
    if "QUIT_WORD" not in heard.at or heard.country:
        return NEVER
    about_messages = "MESSAGE_WORD" in heard.at
    if not about_messages and "SHORT" not in heard.at:
        return NEVER
    another_matter = bool(ruled) and ruled[0][1] >= _ANOTHER_MATTER
    return _OPT_OUT if about_messages and not another_matter else _OPT_OUT_DOUBTED


def as_language(word: str) -> Language | None:
    """The language a command asks for."""
    known: dict[str, Language] = {"km": "km", "km_Latn": "km_Latn", "en": "en"}
    return known.get(word)


def squeeze(text: str) -> str:
    """Letters and digits only: how whole texts are compared, so that `S T O P`, `opt-out` and emoji do not matter."""
    return _LETTERS.sub("", text)


def folded(words: Words) -> Words:
    return Words(*(tuple(dict.fromkeys(filter(None, map(fold, each)))) for each in (words.km, words.latn, words.en)))


def around(words: Iterable[str]) -> re.Pattern[str]:
    """Any of these words at either end of a folded text; those in Latin letters only as words of their own."""
    longest_first = sorted(map(fold, words), key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in longest_first if word.isascii()) or "(?!)"
    khmer = "|".join(re.escape(word) for word in longest_first if not word.isascii()) or "(?!)"
    return re.compile(f"^(?:(?:(?:{latin})(?= )|{khmer}) *)+|(?: *(?:(?<= )(?:{latin})|{khmer}))+$")

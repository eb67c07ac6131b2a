"""Which sets of words are heard in a text, and where; misspelled ones too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate, compress

from bot.content.lexicon import Words
from bot.conversation.mending import Mender
from bot.conversation.sounds import bones, loosen, rough, sound

NOT_MEANT = "NOT_MEANT"
"""The set of phrases that hide the words inside them."""

NEVER = 1_000_000
LEAST_SURE = 3  # known words are still heard as others where so many together sound like a phrase: "ort mean bay"
GAP = 14  # how far apart, in letters, "shortly before" reaches
LEAST_LOOSE = 5  # shorter Khmer forms must be spelled right
LEAST_BONES = 6
LEAST_SOUND = 3
LEAST_ROUGH = 5
LEAST_PLACE = 6

HEAD = 3
"""Letters by which it is known how long the phrases are that begin with them."""

RECENT = 512
"""So many words are remembered with what they may have been meant to be."""

_TOKENS = re.compile("(?P<km>[\u1780-\u17d3]+)|(?P<word>[a-z]+)|(?P<number>[0-9]+)|[^ ]")
_CLUSTER = re.compile("[\u1780-\u17b5](?:\u17d2[\u1780-\u17b5]|[\u17b6-\u17d1\u17d3])*|.")
_INFLECTED = ("s", "ed", "d", "ing", "es", "er", "ers")


@dataclass(slots=True)
class Heard:
    """What was heard: `at` holds for each set the spans (start, end) in the folded text; `tokens` counts its words.

    `country` is the one the text means, once `countries.country` has been asked."""

    folded: str
    at: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    tokens: int = 0
    country: str | None = None

    def add(self, names: Iterable[str], start: int, end: int) -> None:
        for name in names:
            self.at.setdefault(name, []).append((start, end))

    def hide(self, name: str) -> None:
        """Forget `name`, and every word that stands inside one of its phrases."""
        hiding = self.at.pop(name, [])
        for other, spans in list(self.at.items()) if hiding else ():
            left = [span for span in spans if not any(inside(span, phrase) for phrase in hiding)]
            if left:
                self.at[other] = left
            else:
                del self.at[other]

    def before(self, first: tuple[str, ...], then: tuple[str, ...]) -> bool:
        """Whether a word of `first` stands shortly before one of `then`."""
        ends = [end for name in first for _, end in self.at.get(name, ())]
        starts = [start for name in then for start, _ in self.at.get(name, ())]
        return any(-1 <= start - end <= GAP for end in ends for start in starts)


class Ear:
    """Hears the words of `sets` in a folded text. Made once; holds only what it was made of."""

    def __init__(self, sets: Mapping[str, Words], common: Words) -> None:
        self._khmer, self._loose, self._bones = Phrases(), Phrases(), Phrases()
        self._latin, self._sounds, self._rough = Runs(), Runs(), Runs()
        self._known = frozenset(common)
        self._mender = Mender(common.en)
        for name, words in sets.items():
            for form in words.km:
                self._learn_khmer(name, form.replace(" ", ""))
            for form in words.latn:
                self._learn_sound(name, form)
                self._latin.learn(form.split(), name)
            for form in words.en:
                self._learn_english(name, form)

    def _learn_khmer(self, name: str, form: str) -> None:
        loose = loosen(form)
        clusters = _CLUSTER.findall(form)
        self._khmer.learn(form, name)
        if len(loose) >= LEAST_LOOSE:
            self._loose.learn("".join(map(loosen, clusters)), name)
        if len(bones(loose)) >= LEAST_BONES:
            self._bones.learn("".join(bones(loosen(each)) for each in clusters), name)

    def _learn_english(self, name: str, form: str) -> None:
        self._latin.learn(form.split(), name)
        if " " not in form and len(form) >= 4:
            stem = form[:-1] if form.endswith("e") else form
            for ending in _INFLECTED:
                self._latin.learn([(stem if ending[0] in "ei" else form) + ending], name)
        for word in form.split():
            if ":" not in name or len(word) >= LEAST_PLACE:
                self._mender.learn(word)

    def _learn_sound(self, name: str, form: str) -> None:
        sounds = [sound(word) for word in form.split()]
        frames = [rough(each) for each in sounds]
        letters = len("".join(frames))
        if len("".join(sounds)) >= LEAST_SOUND and letters >= 2:
            self._sounds.learn(sounds, name)
        if letters >= LEAST_ROUGH:
            self._rough.learn(frames, name)

    def hear(self, folded: str, *, english: bool) -> Heard:
        """Every set heard in `folded` (see `fold`). In an `english` text nothing is heard as misspelled Khmer."""
        heard = Heard(folded)
        run: list[tuple[str, int]] = []
        words: list[tuple[str, int]] = []
        for match in _TOKENS.finditer(folded):
            kind = match.lastgroup
            heard.tokens += 1
            if kind == "km":
                run.append((match[0], match.start()))
                continue
            if run and kind:
                self._hear_khmer(heard, run)
                run = []
            if kind == "word":
                words.append((match[0], match.start()))
            elif kind == "number":
                heard.add(_number(match[0]), match.start(), match.end())
        if run:
            self._hear_khmer(heard, run)
        if words:
            self._hear_latin(heard, words, english=english)
        heard.hide(NOT_MEANT)
        return heard

    def _hear_khmer(self, heard: Heard, run: list[tuple[str, int]]) -> None:
        """Khmer is written without spaces, or with one between any two words: they tell nothing."""
        pieces: list[str] = []
        starts: list[int] = []
        for text, offset in run:
            found = _CLUSTER.findall(text)
            pieces += found
            starts += accumulate(map(len, found[:-1]), initial=offset)
        starts.append(run[-1][1] + len(run[-1][0]))
        loose, bare = zip(*map(_looser, pieces), strict=True)
        self._khmer.find(heard, pieces, starts)
        self._loose.find(heard, loose, starts)
        self._bones.find(heard, bare, starts)

    def _hear_latin(self, heard: Heard, words: list[tuple[str, int]], *, english: bool) -> None:
        texts = [word for word, _ in words]
        known = [word in self._known for word in texts]
        self._latin.find(heard, words, texts, known, sure_from=1)
        mended = [word if sure else self._mender.mend(word) or word for word, sure in zip(texts, known, strict=True)]
        if mended != texts:
            self._latin.find(heard, words, mended, known, sure_from=NEVER)
            for place, word in enumerate(texts):
                known[place] = known[place] or mended[place] != word
        if not english:
            sounds = [sound(word) for word in texts]
            self._sounds.find(heard, words, sounds, known, sure_from=LEAST_SURE)
            self._rough.find(heard, words, [rough(each) for each in sounds], known, sure_from=NEVER)


class Phrases:
    """Phrases of an unspaced script, found cluster by cluster."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._lengths: dict[str, int] = {}
        """The letters of the longest phrase with this beginning."""

    def learn(self, phrase: str, name: str) -> None:
        head = phrase[:HEAD]
        self._names[phrase] = _together(self._names.get(phrase, ()), name)
        self._lengths[head] = max(self._lengths.get(head, HEAD), len(phrase))

    def find(self, heard: Heard, pieces: Sequence[str], starts: list[int]) -> None:
        """Add every phrase that stands in the text, given as its clusters and where they start.

        Only whole clusters count: a word never begins or ends inside one. Those of which nothing is left are passed.
        """
        if not all(pieces):
            starts = [*compress(starts, pieces), starts[-1]]
            pieces = list(filter(None, pieces))
        names, lengths = self._names.get, self._lengths.get
        joined = "".join(pieces)
        ends = list(accumulate(map(len, pieces), initial=0))
        for begin, first in enumerate(ends[:-1]):
            limit = first + lengths(joined[first : first + HEAD], HEAD - 1)
            for end in range(begin + 1, len(ends)):
                last = ends[end]
                if last > limit:
                    break
                if sets := names(joined[first:last]):
                    heard.add(sets, starts[begin], starts[end])


class Runs:
    """Phrases of a spaced script, found by their words written as one: "me kchol" and "mekchol" are the same."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._lengths: dict[str, int] = {}
        """The letters of the longest phrase with this beginning."""
        self._longest = 1

    def learn(self, words: list[str], name: str) -> None:
        key = "".join(words)
        names = self._names.get(key, ())
        if name not in names:
            self._names[key] = _together(names, name)
        head = key[:HEAD]
        self._longest = max(self._longest, len(words))
        self._lengths[head] = max(self._lengths.get(head, HEAD), len(key))

    def find(
        self, heard: Heard, words: list[tuple[str, int]], forms: list[str], known: list[bool], *, sure_from: int
    ) -> None:
        """Add the sets of each run of `forms`, and mark its words as known.

        A run of nothing but known words counts only from `sure_from` words on.
        """
        sure = list(known)
        joined = "".join(forms)
        starts = list(accumulate(map(len, forms), initial=0))
        for begin, start in enumerate(starts[:-1]):
            limit = start + self._lengths.get(joined[start : start + HEAD], HEAD - 1)
            for end in range(begin + 1, min(begin + self._longest, len(forms)) + 1):
                if starts[end] > limit:
                    break
                names = self._names.get(joined[start : starts[end]])
                if names is None or (end - begin < sure_from and all(sure[begin:end])):
                    continue
                known[begin:end] = [True] * (end - begin)
                last, offset = words[end - 1]
                heard.add(names, words[begin][1], offset + len(last))


def inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one span is a part of another, and not all of it."""
    return other[0] <= span[0] and span[1] <= other[1] and span != other


@cache
def _together(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names and one more, in one object for all phrases that share them."""
    return (*names, name)


@lru_cache(maxsize=RECENT)
def _looser(cluster: str) -> tuple[str, str]:
    """A cluster by what is heard, and its consonants."""
    loose = loosen(cluster)
    return loose, bones(loose)


def _number(digits: str) -> tuple[str, ...]:
    if len(digits) > 6:
        return ("NUMBER",)
    value = int(digits)
    if value >= 100:
        return ("NUMBER", "LARGE_NUMBER")
    return ("NUMBER", "SMALL_NUMBER", "UNDER_18") if 10 <= value < 18 else ("NUMBER", "SMALL_NUMBER")

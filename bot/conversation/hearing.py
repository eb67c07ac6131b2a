"""Which sets of words are heard in a text, and where; misspelled ones too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.content.lexicon import Words
from bot.conversation.sounds import bones, loosen, rough, sound

# A trie: one dict per letter, the names of the sets a form belongs to under END.
Trie = dict[str, Any]
END = ""

NOT_MEANT = "NOT_MEANT"
"""The set of phrases that hide the words inside them."""

GRAM = 4  # words of a text that are read together: "me kchol", "lek turosap sthan tut"
GAP = 14  # how far apart, in letters, "shortly before" reaches
LEAST_LOOSE = 5  # shorter Khmer forms must be spelled right
LEAST_BONES = 6
LEAST_SOUND = 3
LEAST_ROUGH = 5
LEAST_NEAR = 4  # shorter Latin words must be spelled right; so short ones may only have a letter doubled
LEAST_PLACE = 6
FAR = 9

_DOUBLED = re.compile(r"(.)\1+")
_TOKENS = re.compile("(?P<km>[\u1780-\u17d3]+)|(?P<word>[a-z]+)|(?P<number>[0-9]+)|[^ ]")
_CLUSTER = re.compile("[\u1780-\u17b5](?:\u17d2[\u1780-\u17b5]|[\u17b6-\u17d1\u17d3])*|.")
_INFLECTED = ("s", "ed", "d", "ing", "es", "er", "ers")


@dataclass(slots=True)
class Heard:
    """What was heard: `at` holds for each set the spans (start, end) in the folded text; `tokens` counts its words."""

    folded: str
    at: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    tokens: int = 0
    tolerant: bool = False

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
        self._khmer: Trie = {}
        self._loose: Trie = {}
        self._bones: Trie = {}
        self._latin: dict[str, set[str]] = {}
        self._sounds: dict[str, set[str]] = {}
        self._rough: dict[str, set[str]] = {}
        self._near: dict[str, set[str]] = {}
        self._plain = frozenset(common)
        self._mendable: set[str] = set()
        for word in common.en:
            if len(word) >= LEAST_NEAR:
                self._learn_near(word)
        for name, words in sets.items():
            for form in words.km:
                self._learn_khmer(name, form)
            for form in words.latn:
                self._learn_sound(name, form)
                self._learn_word(name, form)
            for form in words.en:
                self._learn_word(name, form)
                if " " not in form and len(form) >= 4:
                    self._learn_inflected(name, form)

    def _learn_khmer(self, name: str, form: str) -> None:
        form = form.replace(" ", "")
        loose = loosen(form)
        plant(self._khmer, form, name)
        if len(loose) >= LEAST_LOOSE:
            plant(self._loose, loose, name)
        if len(bones(loose)) >= LEAST_BONES:
            plant(self._bones, bones(loose), name)

    def _learn_word(self, name: str, form: str) -> None:
        joined = form.replace(" ", "")
        self._latin.setdefault(joined, set()).add(name)
        for word in form.split():
            if len(word) >= (LEAST_PLACE if ":" in name else LEAST_NEAR):
                self._learn_near(word)

    def _learn_near(self, word: str) -> None:
        if word in self._mendable:
            return
        self._mendable.add(word)
        self._near.setdefault("=" + once(word), set()).add(word)
        if len(word) > LEAST_NEAR:
            for key in shorter(word):
                self._near.setdefault(key, set()).add(word)

    def _learn_inflected(self, name: str, form: str) -> None:
        stem = form[:-1] if form.endswith("e") else form
        for ending in _INFLECTED:
            self._latin.setdefault((stem if ending[0] in "ei" else form) + ending, set()).add(name)

    def _learn_sound(self, name: str, form: str) -> None:
        sounded = "".join(map(sound, form.split()))
        if len(sounded) >= LEAST_SOUND and len(rough(sounded)) >= 2:
            self._sounds.setdefault(sounded, set()).add(name)
        if len(rough(sounded)) >= LEAST_ROUGH:
            self._rough.setdefault(rough(sounded), set()).add(name)

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
            for match in _CLUSTER.finditer(text):
                pieces.append(match[0])
                starts.append(offset + match.start())
        starts.append(run[-1][1] + len(run[-1][0]))
        loose = [loosen(piece) for piece in pieces]
        found = scan(heard, self._khmer, pieces, starts)
        loosely = scan(heard, self._loose, loose, starts)
        barely = scan(heard, self._bones, [bones(piece) for piece in loose], starts)
        heard.tolerant |= loosely + barely > 2 * found

    def _hear_latin(self, heard: Heard, words: list[tuple[str, int]], *, english: bool) -> None:
        texts = [word for word, _ in words]
        known = [word in self._plain for word in texts]
        self._grams(heard, words, texts, self._latin, known, new_only=False)
        unknown = [place for place, sure in enumerate(known) if not sure]
        if not unknown:
            return
        mended = list(texts)
        for place in unknown:
            word = self._mend(texts[place])
            if word:
                mended[place] = word
        if mended != texts:
            heard.tolerant = True
            self._grams(heard, words, mended, self._latin, known, new_only=True)
            for place in unknown:
                known[place] = known[place] or mended[place] != texts[place]
        if not english and not all(known):
            heard.tolerant = True
            sounds = [sound(word) for word in texts]
            self._grams(heard, words, sounds, self._sounds, known, new_only=True)
            self._grams(heard, words, [rough(each) for each in sounds], self._rough, known, new_only=True)

    def _grams(
        self,
        heard: Heard,
        words: list[tuple[str, int]],
        forms: list[str],
        table: dict[str, set[str]],
        known: list[bool],
        *,
        new_only: bool,
    ) -> None:
        """Look up each run of up to GRAM words, written as one. `new_only`: runs with a word not yet known."""
        total = len(forms)
        sure = list(known)
        for begin in range(total):
            joined = ""
            for end in range(begin, min(begin + GRAM, total)):
                joined += forms[end]
                names = table.get(joined)
                if names is None or (new_only and all(sure[begin : end + 1])):
                    continue
                known[begin : end + 1] = [True] * (end + 1 - begin)
                heard.add(names, words[begin][1], words[end][1] + len(words[end][0]))

    def _mend(self, word: str) -> str | None:
        """The known word one slip away: a letter too many, too few, another, doubled, or two swapped."""
        if len(word) < 4:
            return None
        single = once(word)
        near = {other for key in shorter(word) for other in self._near.get(key, ())}
        near |= self._near.get("=" + single, set())
        best = min(((*closeness(word, single, other), other) for other in near), default=None)
        return best[-1] if best and best[0] < FAR else None


def scan(heard: Heard, trie: Trie, pieces: list[str], starts: list[int]) -> int:
    """Find the forms of a trie in a text given as its clusters, whole clusters only; how many there were."""
    found = 0
    for begin in range(len(pieces)):
        node: Trie | None = trie
        for end in range(begin, len(pieces)):
            for char in pieces[end]:
                node = node.get(char)
                if node is None:
                    break
            if node is None:
                break
            names = node.get(END)
            if names:
                heard.add(names, starts[begin], starts[end + 1])
                found += 1
    return found


def inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one span is a part of another, and not all of it."""
    return other[0] <= span[0] and span[1] <= other[1] and span != other


def plant(trie: Trie, form: str, name: str) -> None:
    """Add a form to a trie."""
    node = trie
    for char in form:
        node = node.setdefault(char, {})
    node[END] = (*node.get(END, ()), name)


def shorter(word: str) -> list[str]:
    """The word with each of its letters left out; and the word."""
    return [word, *{word[:place] + word[place + 1 :] for place in range(len(word))}]


def once(word: str) -> str:
    """The word without doubled letters."""
    return _DOUBLED.sub(r"\1", word)


def closeness(word: str, single: str, other: str) -> tuple[int, int]:
    """How far a known word is from a misspelled one: (0 to FAR, difference in length); FAR is another word."""
    longer = abs(len(word) - len(other))
    if once(other) == single:
        return (0, longer)
    if sorted(word) == sorted(other) and word[0] == other[0]:
        return (1, longer)
    if word[0] != other[0] and len(word) < 7:
        return (FAR, longer)
    if longer == 1:
        return (2, longer)
    return (3, longer) if len(word) > 5 or word[-1] == other[-1] else (FAR, longer)


def _number(digits: str) -> tuple[str, ...]:
    if len(digits) > 6:
        return ("NUMBER",)
    value = int(digits)
    if value >= 100:
        return ("NUMBER", "LARGE_NUMBER")
    return ("NUMBER", "SMALL_NUMBER", "UNDER_18") if 10 <= value < 18 else ("NUMBER", "SMALL_NUMBER")

"""(c) Understanding: what it takes to read a text that is a keyword, one that is misspelled, and whole sentences."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles

from benchmarks.posts import QUESTIONS
from benchmarks.report import Figure, Section, table
from bot.content.loader import LOCALE, MESSAGES, load
from bot.conversation.understand import Reader

METHOD = """\
`Reader.understand` on many different texts, in one thread of one process: each text timed alone with
`time.perf_counter`, the median of its passes (all texts are read before any is read again, so that no cache helps),
then the median over the texts. *Exact*: every word and phrase of the lexicon that counts as a whole message.
*Tolerant*: the same and the words inside sentences, each with one letter dropped, doubled, swapped or put in wrongly,
so that the whole lexicon is searched by sound and spelling; those that happen to be exact again are left out.
Sentences are those of `tests/questions-dev.tsv`."""

PASSES = 7


def measure(most: int = 2000) -> Section:
    loading = timed(lambda: load(MESSAGES, LOCALE), 3)
    book = load(MESSAGES, LOCALE)
    building = timed(lambda: Reader(book), 3)
    reader = Reader(book)
    chance = random.Random(3)

    known = sorted({word for words in book.lexicon.whole.values() for word in words})
    inside = sorted({word for words in book.lexicon.sets.values() for word in words})
    slips = [wrong for word in (*known, *inside) for wrong in [slip(word, chance)] if len(word) >= 4]
    exact = [word for word in known if reader.understand(word).confidence == 1.0]
    tolerant = [text for text in slips if reader.understand(text).confidence != 1.0]
    with QUESTIONS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    scripts = {"Khmer": "km", "Khmer in Latin letters": "latn", "English": "en"}
    groups = {
        "exact": chance.sample(exact, min(most, len(exact))),
        "tolerant": chance.sample(tolerant, min(most, len(tolerant))),
        **{
            f"sentences, {name}": [row["text"] for row in rows if row["script"] == code]
            for name, code in scripts.items()
        },
    }
    times = read_all(reader, groups, chance)

    figures = [
        Figure(
            "understanding, exact route",
            f"{median(times['exact']):.1f} µs",
            "",
            "",
            "≤ 20 µs",
            median(times["exact"]) <= 20,
        ),
        Figure(
            "understanding, tolerant match",
            f"{median(times['tolerant']):.0f} µs",
            "",
            "",
            "≤ 300 µs",
            median(times["tolerant"]) <= 300,
        ),
    ]
    rows_out = [
        [name, len(found), f"{median(found):.1f}", f"{quantiles(found, n=20)[-1]:.1f}"] for name, found in times.items()
    ]
    lexicon = book.lexicon
    words = (
        f"The lexicon: {len(known)} whole texts, {len(inside)} words in {len(lexicon.sets)} sets, "
        f"{len(lexicon.rules)} rules."
    )
    start = f"Loading the content takes {loading * 1e3:.0f} ms, making the reader {building * 1e3:.0f} ms."
    return Section(
        "(c) Understanding",
        METHOD,
        figures,
        [table(["texts", "number", "median µs", "p95 µs"], rows_out), words, start],
    )


def timed(work: Callable[[], object], passes: int) -> float:
    """Median seconds of one call."""
    found = []
    for _ in range(passes):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return median(found)


def read_all(reader: Reader, groups: Mapping[str, Sequence[str]], chance: random.Random) -> dict[str, list[float]]:
    """Median microseconds of each text. All texts are read once before any is read again: no cache can help."""
    queue = [(name, text) for name, texts in groups.items() for text in texts]
    found: dict[tuple[str, str], list[float]] = {each: [] for each in queue}
    for _ in range(PASSES):
        chance.shuffle(queue)
        for name, text in queue:
            begun = time.perf_counter()
            reader.understand(text)
            found[name, text].append(time.perf_counter() - begun)
    return {name: [median(found[name, text]) * 1e6 for text in texts] for name, texts in groups.items()}


def slip(word: str, chance: random.Random) -> str:
    """The word with one slip of the finger, never in its first letter."""
    if len(word) < 3:
        return word
    place = chance.randrange(1, len(word) - 1)
    letter, following = word[place], word[place + 1]
    return word[:place] + chance.choice(["", letter * 2, following + letter, "x" + letter]) + word[place + 1 :]

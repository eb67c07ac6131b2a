"""Which classifier? `python -m training.compare`: kinds of models and of features, on texts nobody has learned from.

The table stands in docs/decisions/0005-classifier.md.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from bot.content import lexicon
from bot.content.examples import read
from bot.content.faults import Faults
from bot.content.loader import MESSAGES, ROOT
from bot.content.model import UNTRAINED
from bot.conversation.understand import Reader
from training.__main__ import observed
from training.table import COST, SEED, Features, common, counted, scaled

UNSEEN = ("unseen-1.tsv", "unseen-2.tsv")
LETTERS, SOUNDS, HEARD, VERDICT = "klewb#", "sc", "S", "TU"


@dataclass(frozen=True)
class Asked:
    """A text of the unseen sets, with the topics that are right."""

    text: str
    topics: frozenset[str]
    danger: bool


def main() -> None:
    examples = read(MESSAGES, Faults())
    learned = observed(MESSAGES, examples)
    topics = [example.topic for example in examples]
    asked = list(unseen())
    reader = Reader(SimpleNamespace(lexicon=lexicon.load(MESSAGES), model=UNTRAINED))
    seen = [reader.observe(each.text) for each in asked]
    print("| model | features | right | emergency recall | false alarms | fitting s |")
    print("| --- | --- | --- | --- | --- | --- |")
    ruled = [reader.understand(each.text).topic for each in asked]
    print(row("rules and keywords alone", "", asked, ruled, 0.0))
    for name, make, kinds in plans():
        began = perf_counter()
        found = predicted(make(), only(learned, kinds), topics, only(seen, kinds))
        print(row(name, words(kinds), asked, found, perf_counter() - began), flush=True)


def plans() -> Iterator[tuple[str, Callable[[], ClassifierMixin], str]]:
    """Models on all features, then the chosen one on parts of them."""
    everything = LETTERS + SOUNDS + HEARD + VERDICT
    yield "linear, support vectors", chosen, everything
    yield "linear, logistic", lambda: LogisticRegression(C=10, max_iter=300), everything
    yield "naive Bayes (complement)", lambda: ComplementNB(alpha=0.1), everything
    yield "nearest neighbours (7, cosine)", lambda: KNeighborsClassifier(7, metric="cosine"), everything
    for kinds in (LETTERS, SOUNDS, HEARD, HEARD + VERDICT, LETTERS + SOUNDS, LETTERS + SOUNDS + HEARD):
        yield "linear, support vectors", chosen, kinds


def chosen() -> ClassifierMixin:
    return LinearSVC(C=COST, random_state=SEED, max_iter=5000)


def predicted(
    model: ClassifierMixin, learned: Sequence[Features], topics: Sequence[str], asked: Sequence[Features]
) -> Sequence[str]:
    """The topics of the texts asked about."""
    names, rarity = common(learned)
    model.fit(scaled(counted(learned, names), rarity), list(topics))
    return [str(topic) for topic in model.predict(scaled(counted(asked, names), rarity))]


def unseen() -> Iterator[Asked]:
    for name in UNSEEN:
        path = Path(ROOT) / "tests" / "understanding" / name
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                right = frozenset([line["topic"], *filter(None, line["also_ok"].split(","))])
                yield Asked(line["text"], right, line["topic"] == "sos")


def only(texts: Sequence[Features], kinds: str) -> list[Features]:
    return [{name for name in each if name[0] in kinds} for each in texts]


def words(kinds: str) -> str:
    named = {LETTERS: "letters", SOUNDS: "sounds", HEARD: "words heard", VERDICT: "rules' verdict"}
    return ", ".join(name for letters, name in named.items() if letters[0] in kinds)


def row(name: str, features: str, asked: Sequence[Asked], found: Sequence[str], seconds: float) -> str:
    right = sum(topic in each.topics for each, topic in zip(asked, found, strict=True))
    cries = [topic == "sos" for each, topic in zip(asked, found, strict=True) if each.danger]
    calm = [topic == "sos" for each, topic in zip(asked, found, strict=True) if "sos" not in each.topics]
    return (
        f"| {name} | {features} | {right}/{len(asked)} | {sum(cries)}/{len(cries)} | {sum(calm)}/{len(calm)} "
        f"| {seconds:.1f} |"
    )


if __name__ == "__main__":
    main()

"""Learn the classifier: `python -m training [--check]` writes messages/classifier.bin from messages/examples/.

With --check nothing is written, and a classifier made of other examples or another vocabulary is a fault.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.content import lexicon, model
from bot.content.examples import Example, read
from bot.content.faults import Faults
from bot.content.loader import MESSAGES
from bot.content.model import MIDDLE, UNTRAINED, Model
from bot.conversation.understand import Reader
from training.folds import by_base, judged
from training.table import Features, Fitted, fit

UNSURE = 0.3
"""A topic less likely than this is not offered: the menu and a person are better than a guess."""
DANGER = -0.15
"""The margin of `sos` from which a text is an emergency whatever else it may be: a little before "as likely as not",
since a missed cry costs more than a needless number (docs/decisions/0005)."""
STEPS = 127


def main(arguments: list[str]) -> int:
    faults = Faults()
    examples = read(MESSAGES, faults)
    for fault in faults.found:
        print(fault, file=sys.stderr)
    if faults.found:
        return 1
    if "--check" in arguments:
        return check(MESSAGES)
    (MESSAGES / model.NAME).write_bytes(learn(MESSAGES, examples))
    print(f"Learned from {len(examples)} examples.")
    return 0


def check(messages: Path) -> int:
    if model.read(messages, Faults()).digest == model.digest(messages):
        return 0
    print(f"messages/{model.NAME} is older than the examples or the vocabulary: run `make words`", file=sys.stderr)
    return 1


def observed(messages: Path, examples: list[Example]) -> list[Features]:
    """The features of the examples, without what was learned before."""
    reader = Reader(SimpleNamespace(lexicon=lexicon.load(messages), model=UNTRAINED))
    return [reader.observe(example.text) for example in examples]


def learn(messages: Path, examples: list[Example]) -> bytes:
    """The file of the model of these examples."""
    texts = observed(messages, examples)
    slope, offset = calibrated(examples, texts)
    fitted, rows = learn_rows(texts, [example.topic for example in examples])
    head = Model(
        topics=fitted.topics,
        rows={},
        scales=tuple(rounded(scales(fitted))),
        biases=tuple(rounded(fitted.biases)),
        length=rounded([length(fitted)])[0],
        slope=slope,
        offset=offset,
        least=round((np.log(UNSURE / (1 - UNSURE)) - offset) / slope, 3),
        danger=DANGER,
        digest=model.digest(messages),
        examples=len(examples),
    )
    return model.pack(head, fitted.names, rows)


def learn_rows(texts: Sequence[Features], topics: Sequence[str]) -> tuple[Fitted, bytes]:
    """A model fitted to these texts, and its weights as bytes, a row a feature."""
    fitted = fit(texts, topics)
    steps = np.rint(fitted.weights * fitted.rarity / scales(fitted)[:, None]) + MIDDLE
    parts = np.rint(fitted.rarity**2 / length(fitted))
    return fitted, np.vstack([steps, parts]).T.astype(np.uint8).tobytes()


def scales(fitted: Fitted) -> np.ndarray:
    """What one step of a weight is worth, for each topic."""
    return np.asarray(np.abs(fitted.weights * fitted.rarity).max(axis=1) / STEPS)


def length(fitted: Fitted) -> float:
    """What one step of a square weight is worth."""
    return float((fitted.rarity**2).max() / 255)


def calibrated(examples: list[Example], texts: list[Features]) -> tuple[float, float]:
    """Slope and offset of the certainty, from examples judged unseen."""
    topics, margins, _ = judged(examples, texts, by_base)
    best = margins.max(axis=1)
    right = [topics[place] == example.topic for place, example in zip(margins.argmax(axis=1), examples, strict=True)]
    curve = LogisticRegression(C=1e6).fit(best[:, None], right)
    return rounded(curve.coef_[0])[0], rounded(curve.intercept_)[0]


def rounded(values: object) -> list[float]:
    """Numbers short enough to be the same on every machine."""
    return [float(f"{value:.6g}") for value in np.asarray(values)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Cross-validation: every text is judged by a model that has not seen it, nor a variant of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from bot.content.examples import Example
from training.table import Features, fit

FOLDS = 5

Part = Callable[[Example], int]
"""Which part of the data an example belongs to."""


def by_base(example: Example) -> int:
    """One of five parts; all variants of one base text in the same."""
    return hashlib.sha256(example.base.encode()).digest()[0] % FOLDS


def by_writer(example: Example) -> int:
    """The first letter of a base says who wrote it: a whole writer is left out, as those who text us are."""
    return ord(example.base[0])


def judged(
    examples: Sequence[Example], texts: Sequence[Features], part: Part
) -> tuple[tuple[str, ...], np.ndarray, list[int]]:
    """The topics, the margins of every example by the model of the other parts, and the part of each."""
    topics = tuple(sorted({example.topic for example in examples}))
    parts = [part(example) for example in examples]
    margins = np.full((len(examples), len(topics)), -9.0)
    for each in sorted(set(parts)):
        learned = [row for row, own in enumerate(parts) if own != each]
        asked = [row for row, own in enumerate(parts) if own == each]
        fitted = fit([texts[row] for row in learned], [examples[row].topic for row in learned])
        columns = [topics.index(topic) for topic in fitted.topics]
        margins[np.ix_(asked, columns)] = fitted.margins([texts[row] for row in asked])
    return topics, margins, parts

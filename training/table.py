"""Texts as rows of features, and a linear model fitted to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.svm import LinearSVC

LEAST_TEXTS = 8
"""A feature that fewer texts share is a word of one writer."""
COST = 0.7
"""C of the support vector machines: see docs/decisions/0005 for how it was chosen."""
SEED = 20261122

Features = Set[str]


@dataclass(frozen=True)
class Fitted:
    """`weights`: of each topic (row) and feature (column), for the feature's square weight in the length of a text see
    `rarity`."""

    topics: tuple[str, ...]
    names: tuple[str, ...]
    weights: np.ndarray
    biases: np.ndarray
    rarity: np.ndarray

    def margins(self, texts: Sequence[Features]) -> np.ndarray:
        """The margin of every topic for every text."""
        cells = scaled(counted(texts, self.names), self.rarity)
        return np.asarray(cells @ self.weights.T + self.biases)


def fit(texts: Sequence[Features], topics: Sequence[str]) -> Fitted:
    """One support vector machine a topic, against all others. The same texts give the same model."""
    names, rarity = common(texts)
    machine = LinearSVC(C=COST, random_state=SEED, max_iter=5000)
    machine.fit(scaled(counted(texts, names), rarity), list(topics))
    return Fitted(tuple(machine.classes_), names, machine.coef_, machine.intercept_, rarity)


def common(texts: Sequence[Features]) -> tuple[tuple[str, ...], np.ndarray]:
    """The features that enough texts share, and how rare each is."""
    shared = Counter(name for each in texts for name in each)
    names = tuple(sorted(name for name, count in shared.items() if count >= LEAST_TEXTS))
    return names, np.log((1 + len(texts)) / (1 + np.array([shared[name] for name in names]))) + 1


def counted(texts: Sequence[Features], names: Sequence[str]) -> csr_matrix:
    """Which of the features each text has."""
    place = {name: column for column, name in enumerate(names)}
    columns = [sorted(place[name] for name in each if name in place) for each in texts]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.fromiter((column for each in columns for column in each), dtype=np.int32, count=ends[-1])
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(texts), len(names)))


def scaled(cells: csr_matrix, rarity: np.ndarray) -> csr_matrix:
    """Rare features weigh more, and every text is as long as every other."""
    weighed = cells @ diags(rarity)
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return diags(1 / np.where(length > 0, length, 1)) @ weighed

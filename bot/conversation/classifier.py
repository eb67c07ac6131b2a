"""The linear model over the features of a text: which topics its words are worth, learned from example texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, sqrt
from struct import unpack

from bot.content.model import MIDDLE, Model

TOGETHER = 256
"""So many rows are added up as one number: 256 bytes of 255 still fit into the two bytes of each sum."""


class Classifier:
    """Weighs texts by a model. Holds no state of its own: one may serve all threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        columns = len(model.topics) + 1
        self._sums, self._size = f"<{columns}H", 2 * columns

    def weigh(self, features: Iterable[str]) -> dict[str, float]:
        """The margin of every topic; more than nothing is likely. Empty if no feature is known."""
        model = self.model
        known = list(filter(None, map(model.rows.get, features)))
        if not known:
            return {}
        *sums, square = self._added(known)
        length = sqrt(square * model.length)
        nothing = MIDDLE * len(known)
        return {
            topic: (total - nothing) * scale / length + bias
            for topic, total, scale, bias in zip(model.topics, sums, model.scales, model.biases, strict=True)
        }

    def certainty(self, margin: float) -> float:
        """How likely the best topic is to be right, measured on texts that were not learned from."""
        return 1 / (1 + exp(-(self.model.slope * margin + self.model.offset)))

    def _added(self, known: list[int]) -> Sequence[int]:
        """The sums of these rows, column by column."""
        if len(known) <= TOGETHER:
            return unpack(self._sums, sum(known).to_bytes(self._size, "little"))
        parts = [self._added(known[begin : begin + TOGETHER]) for begin in range(0, len(known), TOGETHER)]
        return [sum(column) for column in zip(*parts, strict=True)]

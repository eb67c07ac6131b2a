"""The linear model over the features of a text: which topics its words are worth, learned from example texts."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, sqrt
from operator import itemgetter
from struct import Struct

from bot.content.model import MIDDLE, Model

TOGETHER = 256
"""So many rows are added up as one number: 256 bytes of 255 still fit into the two bytes of each sum."""


class Classifier:
    """Weighs texts by a model. Holds no state of its own: one may serve all threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._sums = Struct(f"<{len(model.topics) + 1}H")

    def weigh(self, features: Iterable[str]) -> list[tuple[str, float]]:
        """The margin of every topic, best first; more than nothing is likely. Empty if no feature is known."""
        model = self.model
        known = list(filter(None, map(model.rows.get, features)))
        if not known:
            return []
        sums = self._added(known)
        length = sqrt(sums.pop() * model.length)
        nothing = MIDDLE * len(known)
        margins = [
            (total - nothing) * scale / length + bias
            for total, scale, bias in zip(sums, model.scales, model.biases, strict=True)
        ]
        return sorted(zip(model.topics, margins, strict=True), key=itemgetter(1), reverse=True)

    def certainty(self, margin: float) -> float:
        """How likely the best topic is to be right, measured on texts that were not learned from."""
        return 1 / (1 + exp(-(self.model.slope * margin + self.model.offset)))

    def _added(self, known: list[int]) -> list[int]:
        """The sums of these rows, column by column."""
        parts = [
            self._sums.unpack(sum(known[begin : begin + TOGETHER]).to_bytes(self._sums.size, "little"))
            for begin in range(0, len(known), TOGETHER)
        ]
        return [sum(column) for column in zip(*parts, strict=True)]

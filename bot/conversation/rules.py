"""From the sets that were heard to the topic they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.content.lexicon import Rule
from bot.conversation.hearing import Heard

SHORT = 4
"""A text of so many words, or so many letters of Khmer times four, says little more than a name."""

EXTRA = 0.25
"""What a second rule for the same topic adds to the best one, as a part of its weight."""


class Rules:
    """The rules, found by the first set each needs."""

    def __init__(self, rules: Iterable[Rule], priority: Sequence[str]) -> None:
        self._rank = {topic: place for place, topic in enumerate(priority)}
        self._by_set: dict[str, list[Rule]] = {}
        for rule in rules:
            group = min(rule.every, key=len)
            for name in group:
                self._by_set.setdefault(name, []).append(rule)

    def judge(self, heard: Heard) -> list[tuple[str, float]]:
        """The topics the text may be about with their points, best first."""
        met = {id(rule): rule for name in heard.at for rule in self._by_set.get(name, ()) if holds(rule, heard)}
        points: dict[str, list[float]] = {}
        for rule in met.values():
            points.setdefault(rule.topic, []).append(rule.weight)
        sums = [(topic, max(each) + EXTRA * (len(each) > 1)) for topic, each in points.items()]
        return sorted(sums, key=lambda pair: (-pair[1], self._rank[pair[0].split(" ")[0]]))


def holds(rule: Rule, heard: Heard) -> bool:
    """Whether a text has what a rule asks for."""
    missing = heard.at.keys().isdisjoint
    for group in rule.every:
        if missing(group):
            return False
    if not missing(rule.never):
        return False
    return all(heard.before(first, then) for first, then in rule.before)

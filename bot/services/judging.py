"""Whether a broadcast does harm: how many of those who have it say STOP, are not reached, or call for help. Pure."""

from __future__ import annotations

import json
from typing import Final

from bot.store.broadcasts import Known
from bot.store.release import Outcomes
from bot.store.stages import Stage
from bot.store.waves import WAVES

SAMPLE: Final = 20
"""Of fewer texts nothing can be said."""
STOPPED: Final = 0.02
FAILED: Final = 0.10
ALARMED: Final = 0.02
SMALL: Final = 100
"""A broadcast to so many people, or fewer, has no canary: whoever sends it alone watches it."""
MOST_WAVES: Final = 10
"""No more than half of a broadcast is its canary."""
SETTLED: Final = 0.9
"""Of the canary's texts the outcome of so many has to be known before the others get theirs."""
FEW: Final = 20_000
"""Of a broadcast to so many people all are looked at each time; of a larger one those who have it last."""


def verdict(seen: Outcomes) -> str | None:
    """Why it is to be paused; None if all is well, or too little is known."""
    if seen.went < SAMPLE:
        return None
    for count, limit, what in (
        (seen.stopped, STOPPED, "said STOP"),
        (seen.failed, FAILED, "were not reached"),
        (seen.alarmed, ALARMED, "called for help"),
    ):
        if count > limit * seen.went:
            return f"{100 * count / seen.went:.1f} % of {seen.went} {what}; more than {limit:.0%} is too many"
    return None


def settled(seen: Outcomes) -> bool:
    """Whether enough is known of the canary."""
    return seen.settled >= SETTLED * seen.texts


def canary(known: Known) -> range:
    """The waves that are watched before the others: the first, and as many more as were needed for a `SAMPLE`."""
    return range(json.loads(known.counts).get("canary", 1))


def wider(known: Known) -> str | None:
    """The `counts` with one more wave in the canary; None if it is not to grow."""
    counts, waves = json.loads(known.counts), len(canary(known))
    if counts.get("expanded", 0) <= SMALL or waves >= MOST_WAVES:
        return None
    return json.dumps({**counts, "canary": waves + 1})


def waves(known: Known) -> range:
    """Whose outcomes are looked at."""
    if known.state == Stage.CANARY:
        return canary(known)
    if json.loads(known.counts).get("expanded", 0) <= FEW:
        return range(WAVES)
    return range(max(known.wave - 1, 0), known.wave + 1)

"""Every way to spread people that agrees with all that is shown of them: by which hidden counts are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

EVERY = set(range(5))


def worlds(kinds: int, bounds: Sequence[tuple[frozenset[int], int, int | None]]) -> Iterator[tuple[int, ...]]:
    """Every way to spread people over the kinds so that all sums lie within their bounds. Tries them one by one."""
    total = max(high for _, _, high in bounds if high is not None)
    world = [0] * kinds
    ending = [[each for each in bounds if max(each[0]) == place] for place in range(kinds)]
    within = [[each for each in bounds if place in each[0]] for place in range(kinds)]

    def room(place: int) -> int:
        highs = [
            high - sum(world[at] for at in some if at < place) for some, _, high in within[place] if high is not None
        ]
        return min([total, *highs])

    def fill(place: int) -> Iterator[tuple[int, ...]]:
        if place == kinds:
            yield tuple(world)
            return
        for count in range(room(place) + 1):
            world[place] = count
            if all(sum(world[at] for at in some) >= low for some, low, _ in ending[place]):
                yield from fill(place + 1)
        world[place] = 0

    yield from fill(0)


def possible(kinds: int, bounds: Sequence[tuple[frozenset[int], int, int | None]], cell: frozenset[int]) -> set[int]:
    """What a hidden sum may be for who sees all the bounds."""
    found: set[int] = set()
    for world in worlds(kinds, bounds):
        found.add(sum(world[place] for place in cell))
        if found >= EVERY:
            break
    return found

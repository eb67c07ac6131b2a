"""How fast texts are understood: `python -m tests.understanding.speed`; medians in microseconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bot.content.lexicon import load
from tests.understanding.measure import DEV, OWN, ROOT, reader, rows


def median(work: Callable[[str], object], texts: list[str], rounds: int = 5) -> float:
    """Median over the texts of the best of `rounds`, in microseconds."""
    best = []
    for text in texts:
        spent = []
        for _ in range(rounds):
            start = time.perf_counter_ns()
            work(text)
            spent.append(time.perf_counter_ns() - start)
        best.append(min(spent))
    return statistics.median(best) / 1000


def main() -> None:
    start = time.perf_counter()
    load(ROOT / "messages")
    loaded = time.perf_counter()
    ear = reader()
    made = time.perf_counter() - loaded - (loaded - start)
    texts = [row.text for row in (*rows(DEV), *rows(OWN))]
    short = [text for text in texts if 20 <= len(text) <= 40]
    exact = ["STOP", "menu", "ជំនួយ", "chob", "ខ្មែរ", "test me", "more", "ថយក្រោយ"]
    print(f"load the vocabulary {1000 * (loaded - start):.0f} ms, make the reader {1000 * made:.0f} ms")
    print(
        f"exact route {median(ear.urgent, exact):.1f} us; urgent() on {len(short)} texts of 20 to 40 characters ",
        end="",
    )
    print(
        f"{median(ear.urgent, short):.0f} us; understand() on all {len(texts)} {median(ear.understand, texts):.0f} us"
    )


if __name__ == "__main__":
    main()

"""Why a text was understood so: `python -m tests.understanding.explain TEXT...`: what was heard, the topics' points."""

from __future__ import annotations

import sys

from bot.conversation.understand import Reader
from bot.text.khmer import fold
from tests.understanding.measure import reader


def explain(ear: Reader, text: str) -> str:
    """The sets with the words heard for them, the best topics, and what came out."""
    plain = fold(text)
    heard = ear._listen(plain)
    sets = ", ".join(f"{name}({'/'.join(plain[s:e] for s, e in spans)})" for name, spans in sorted(heard.at.items()))
    judged = " ".join(f"{topic}={points}" for topic, points in ear._rules.judge(heard)[:6])
    return f"{text}\n  {sets}\n  {judged}\n  {ear.understand(text)}"


if __name__ == "__main__":
    known = reader()
    for each in sys.argv[1:]:
        print(explain(known, each))

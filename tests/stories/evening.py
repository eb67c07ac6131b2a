"""One evening of 40 mixed texts in each script, as the phones saw it (`docs/evening/`).

`stories.retell` writes it anew after a change of words; then read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import phonenumbers
from stories.stage import stage
from stories.transcript import campaign

from bot.text.cluster import clusters
from bot.text.khmer import clean
from bot.text.sms import segments

FILE = Path(__file__).with_suffix(".txt")
PLACE = Path(__file__).parents[2] / "docs" / "evening"
DAY = datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=7)))
WIDTH = 80
TITLES = {"km": "in Khmer", "km-latn": "in Khmer with Latin letters", "en": "in English"}
HEAD = """# One evening, 40 texts {script}

What Phlov answers to made-up phones on the evening of 22 November 2026 (Phnom Penh time), with the texts as they ship.
A campaign KYA12 is going on; no list of agencies is loaded. `tests/stories/evening.txt` holds the texts,
`python -m stories.retell` plays them and writes this page, and a test fails when the code would answer otherwise.
After each answer stands how many SMS parts it costs. Its makers have read it; no native speaker has.
"""


@dataclass(frozen=True)
class Text:
    """One text of the evening."""

    at: datetime
    who: str
    number: str
    words: str


def read() -> dict[str, list[Text]]:
    """The texts of each evening, in the order written."""
    evenings: dict[str, list[Text]] = {}
    texts: list[Text] = []
    who = number = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("evening "):
            texts = evenings[line.removeprefix("evening ")] = []
        elif match := re.fullmatch(r"phone (.+?) (\+[\d ]+)", line):
            who, number = match[1], match[2].replace(" ", "")
        elif match := re.fullmatch(r"(\d\d):(\d\d) (.+)", line):
            at = DAY + timedelta(hours=int(match[1]), minutes=int(match[2]))
            texts.append(Text(at.astimezone(UTC), who, number, match[3]))
        elif line and not line.startswith("#"):
            raise ValueError(f"{FILE.name}: not understood: {line}")
    return evenings


def page(name: str) -> str:
    """The transcript of one evening as it goes today."""
    return HEAD.format(script=TITLES[name]) + "".join(_played(read()[name]))


def _played(texts: list[Text]) -> Iterator[str]:
    before = ""
    with stage() as player:
        campaign(player, "KYA12")
        for count, text in enumerate(texts, 1):
            if text.number != before:
                yield f"\n## {text.who}, {masked(text.number)}\n"
            before, player.sender, player.clock.now = text.number, text.number, text.at
            yield f"\n```\n{text.at.astimezone(DAY.tzinfo):%H:%M}  {count}/{len(texts)}\n"
            yield _wrapped(text.words, "> ")
            answers = player.hear(text.words)
            for answer in answers:
                yield _wrapped(answer, "< ")
            yield f"{_cost(answers)}\n```\n"


def masked(number: str) -> str:
    """The number as staff see it: where it is from and its last two digits."""
    country = f"+{phonenumbers.parse(number).country_code}"
    return f"{country} {'•' * (len(number) - len(country) - 2)}{number[-2:]}"


def _cost(answers: tuple[str, ...]) -> str:
    if not answers:
        return "[no answer]"
    parts = sum(len(segments(answer).parts) for answer in answers)
    return f"[{parts} SMS part{'s' * (parts > 1)}]"


def _wrapped(text: str, mark: str) -> str:
    """Lines no wider than a phone transcript; Khmer breaks at its spaces, else between letters."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        line = ""
        for word in re.findall(r"\S+\s*|\s+", paragraph):
            if line and _width(line + word.rstrip()) > WIDTH - len(mark):
                lines.append(line)
                line = ""
            line += word
            while _width(line.rstrip()) > WIDTH - len(mark):
                signs = clusters(line)
                lines.append("".join(signs[: WIDTH - len(mark)]))
                line = "".join(signs[WIDTH - len(mark) :])
        lines.append(line)
    first, *rest = lines
    return "".join(f"{line.rstrip()}\n" for line in (mark + first, *("  " + line for line in rest)))


def _width(text: str) -> int:
    return len(clusters(text))


def main() -> None:
    """Write the pages."""
    PLACE.mkdir(exist_ok=True)
    for name in read():
        (PLACE / f"{name}.md").write_text(page(name), encoding="utf-8")

"""How well are the examples understood? `python -m training.measure` asks by cross-validation.

Every example is judged by a model that has seen neither it nor a variant of it, with commands heard first as in life.
The examples hold far more hard cases than people send; the other sets are like what people send.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from bot.content import lexicon
from bot.content.examples import Example, read
from bot.content.faults import Faults
from bot.content.loader import MESSAGES
from bot.content.model import UNTRAINED
from bot.conversation.understand import Reader
from bot.text.khmer import has_khmer
from training.__main__ import DANGER, observed
from training.folds import by_base, by_writer, judged

GROUPS = {
    "sos": "emergency",
    "helplines": "helplines",
    "stop": "opt-out",
    "none": "none",
    **dict.fromkeys(("menu", "language", "start", "erase", "human", "quiz", "story", "more", "back"), "commands"),
    "greeting": "commands",
}
SCRIPTS = ("km", "latn", "en")
WORST = 10
CONFUSIONS = 20


@dataclass(frozen=True)
class Judged:
    """An example, the script it is written in and the topic it was given."""

    example: Example
    script: str
    found: str

    @property
    def right(self) -> bool:
        return self.found == self.example.topic or self.found in self.example.also_ok


def main() -> None:
    examples = read(MESSAGES, Faults())
    reader = Reader(SimpleNamespace(lexicon=lexicon.load(MESSAGES), model=UNTRAINED))
    texts = observed(MESSAGES, examples)
    for name, part in (("variants of one text in one fold", by_base), ("one writer left out in turn", by_writer)):
        topics, margins, _ = judged(examples, texts, part)
        danger = topics.index("sos")
        found = [
            Judged(example, script(reader, example.text), decided(reader, example.text, topics, row, danger))
            for example, row in zip(examples, margins.tolist(), strict=True)
        ]
        print(f"Cross-validation of {len(found)} examples, {name}\n")
        print(table(found))
        print(alarms(found), "\n")
        if part is by_base:
            print(worst(found), "\n")
            print(confusions(found), "\n")


def decided(reader: Reader, text: str, topics: Sequence[str], margins: Sequence[float], danger: int) -> str:
    """The topic as the conversation would take it: what the text is as a whole, then danger, then the best."""
    whole = reader.whole(text)
    if whole:
        return whole
    if margins[danger] >= DANGER:
        return "sos"
    return topics[max(range(len(topics)), key=lambda place: margins[place])]


def script(reader: Reader, text: str) -> str:
    if has_khmer(text):
        return "km"
    return "latn" if reader.language(text) == "km_Latn" else "en"


def share(found: Iterable[Judged]) -> str:
    right = [each.right for each in found]
    return f"{sum(right)}/{len(right)} {100 * sum(right) / len(right):.0f}%" if right else ""


def table(found: Sequence[Judged]) -> str:
    """Right of all by group and script."""
    lines = [f"{'':12}" + "".join(f"{name:>16}" for name in (*SCRIPTS, "all"))]
    groups = [*dict.fromkeys(GROUPS.values()), "the rest", "all"]
    for group in groups:
        here = [each for each in found if group in (GROUPS.get(each.example.topic, "the rest"), "all")]
        cells = [share(each for each in here if each.script == name) for name in SCRIPTS]
        lines.append(f"{group:12}" + "".join(f"{cell:>16}" for cell in (*cells, share(here))))
    return "\n".join(lines)


def alarms(found: Sequence[Judged]) -> str:
    cries = [each.found == "sos" for each in found if each.example.topic == "sos"]
    calm = [each.found == "sos" for each in found if "sos" not in (each.example.topic, *each.example.also_ok)]
    opted = sum(each.found == "stop" and each.example.topic != "stop" for each in found)
    return (
        f"emergency recall {sum(cries)}/{len(cries)}; false alarms {sum(calm)}/{len(calm)}; "
        f"taken for an opt-out before its words are looked at: {opted}"
    )


def worst(found: Sequence[Judged]) -> str:
    by_topic: dict[str, list[Judged]] = {}
    for each in found:
        by_topic.setdefault(each.example.topic, []).append(each)
    ranked = sorted(by_topic, key=lambda topic: sum(each.right for each in by_topic[topic]) / len(by_topic[topic]))
    return "\n".join(["The ten worst topics", *(f"{topic:26}{share(by_topic[topic])}" for topic in ranked[:WORST])])


def confusions(found: Sequence[Judged]) -> str:
    wrong = Counter((each.example.topic, each.found) for each in found if not each.right)
    lines = [f"{meant:26}taken for {taken:26}{count}" for (meant, taken), count in wrong.most_common(CONFUSIONS)]
    return "\n".join(["Most often confused", *lines])


if __name__ == "__main__":
    main()

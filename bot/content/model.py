"""The classifier's tables: what training learned from messages/examples/, as plain numbers in one file.

`messages/classifier.bin` holds a line of JSON and, compressed, the features (one a line) and a row of bytes for each:
its weight for every topic as one byte round 128, then its square weight in the length of a text.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.faults import Faults

NAME = "classifier.bin"
FORMAT = 1
MIDDLE = 128
"""The byte that stands for a weight of nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A linear model over features.

    `rows`: for each feature its weights as one number, two bytes a topic (the second is zero, so that 256 rows can be
    added up) and two more for its part in the length of a text. `scales`, `biases`: of each topic; `length`: what one
    step of that part is worth. `slope`, `offset`: the logistic from a margin to a probability. `least`: the margin
    below which the best topic is not believed; `danger`: the margin from which a text is an emergency even where
    another topic is stronger. `digest`: of what it was made of; `examples`: how many."""

    topics: tuple[str, ...]
    rows: Mapping[str, int]
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    length: float
    slope: float
    offset: float
    least: float
    danger: float
    digest: str
    examples: int


UNTRAINED = Model((), {}, (), (), 1.0, 1.0, 0.0, 0.0, 0.0, "", 0)
"""Knows nothing: understanding is left to the rules. `phlov check` does not let it be served."""


def read(messages: Path, faults: Faults) -> Model:
    """The model of this directory; `UNTRAINED` if there is none; a fault if the file is not what it should be."""
    path = messages / NAME
    if not path.exists():
        return UNTRAINED
    try:
        return unpack(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zlib.error) as error:
        faults.add(f"{messages.name}/{NAME}:1", f"is no classifier that this version can read ({error}): make words")
        return UNTRAINED


def pack(model: Model, features: Sequence[str], rows: bytes) -> bytes:
    """The file of a model, with `rows` of one byte a weight in the order of the features."""
    head = {
        "format": FORMAT,
        "topics": model.topics,
        "scales": model.scales,
        "biases": model.biases,
        "length": model.length,
        "slope": model.slope,
        "offset": model.offset,
        "least": model.least,
        "danger": model.danger,
        "digest": model.digest,
        "examples": model.examples,
    }
    body = "\n".join(features).encode() + b"\n\n" + rows
    return json.dumps(head, ensure_ascii=True).encode() + b"\n" + zlib.compress(body, 9)


def unpack(stored: bytes) -> Model:
    """What `pack` wrote. Raises ValueError, KeyError, TypeError, RecursionError or zlib.error for anything else."""
    first, _, packed = stored.partition(b"\n")
    head = json.loads(first)
    if not isinstance(head, dict) or head.pop("format") != FORMAT:
        raise ValueError("another format")
    names, _, narrow = zlib.decompress(packed).partition(b"\n\n")
    features = names.decode().split("\n")
    topics, scales, biases = tuple(head.pop("topics")), floats(head.pop("scales")), floats(head.pop("biases"))
    if len(narrow) != len(features) * (len(topics) + 1) or not len(topics) == len(scales) == len(biases):
        raise ValueError("it was cut off")
    width = 2 * (len(topics) + 1)
    wide = bytearray(2 * len(narrow))
    wide[::2] = narrow
    return Model(
        topics=topics,
        rows={
            feature: int.from_bytes(wide[row * width : (row + 1) * width], "little")
            for row, feature in enumerate(features)
        },
        scales=scales,
        biases=biases,
        **head,
    )


def floats(stored: list[float]) -> tuple[float, ...]:
    return tuple(map(float, stored))


def digest(messages: Path) -> str:
    """A name for everything in `messages/` that a model is made of: the examples and the vocabulary."""
    found = hashlib.sha256()
    paths = [*(messages / "examples").glob("*.tsv"), *(messages / "keywords").glob("*.yaml"), messages / "places.yaml"]
    for path in sorted(path for path in paths if path.exists()):
        found.update(path.relative_to(messages).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]

"""The classifier: what is shipped is what the examples teach, and a broken file is said to be broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.content import examples, model
from bot.content.faults import Faults
from bot.content.loader import MESSAGES
from bot.content.model import UNTRAINED, Model
from bot.conversation.classifier import TOGETHER, Classifier
from training.__main__ import learn_rows, observed
from training.folds import FOLDS, by_base

SHIPPED = model.read(MESSAGES, Faults())
TWO = ("loans", "sos")


def made(rows: dict[str, tuple[int, int, int]], **more: float) -> Model:
    """A model of two topics; rows are the two weights in steps and the square weight."""
    packed = {
        name: int.from_bytes(b"".join(bytes([cell, 0]) for cell in (128 + row[0], 128 + row[1], row[2])), "little")
        for name, row in rows.items()
    }
    return Model(TWO, packed, (0.5, 1.0), (0.25, -0.25), 1.0, 2.0, 0.0, -9.0, 9.0, "", 0, **more)


def test_margins_are_the_sums_of_the_known_features_over_the_length() -> None:
    classifier = Classifier(made({"a": (4, -2, 9), "b": (-2, 6, 16)}))
    assert classifier.weigh({"a", "b", "never seen"}) == {"sos": 4 / 5 - 0.25, "loans": 2 * 0.5 / 5 + 0.25}
    assert classifier.weigh({"never seen"}) == {}


def test_more_features_than_fit_into_one_sum_are_added_all_the_same() -> None:
    many = {str(number): (127, -128, 1) for number in range(3 * TOGETHER + 5)}
    count = len(many)
    found = Classifier(made(many)).weigh(many)
    assert found["loans"] == pytest.approx(127 * count * 0.5 / count**0.5 + 0.25)
    assert found["sos"] == pytest.approx(-128 * count / count**0.5 - 0.25)


def test_a_model_that_knows_nothing_says_nothing() -> None:
    assert Classifier(UNTRAINED).weigh({"a"}) == {}


def test_what_is_packed_is_unpacked() -> None:
    kept = made({"a": (4, -2, 9), "ក b": (-2, 6, 16)})
    rows = bytes([132, 126, 9, 126, 134, 16])
    assert (
        model.unpack(model.pack(kept, ["a", "ក b"], rows)) == kept
        or model.unpack(model.pack(kept, ["a", "ក b"], rows)).rows == kept.rows
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-9],
        lambda raw: b"{}\n" + raw,
        lambda raw: b"",
        lambda raw: b"x",
        lambda raw: b"5\n" + raw,
        lambda raw: b"[" * 100_000,
        lambda raw: raw.replace(b'"scales": [', b'"scales": [1.0, ', 1),
        lambda raw: raw.replace(b'"biases": [', b'"biases": ["?", ', 1),
    ],
)
def test_a_broken_file_is_a_fault_and_not_a_guess(tmp_path: Path, spoil: object) -> None:
    (tmp_path / model.NAME).write_bytes(spoil((MESSAGES / model.NAME).read_bytes()))  # type: ignore[operator]
    faults = Faults()
    assert model.read(tmp_path, faults) is UNTRAINED
    assert len(faults.found) == 1
    assert "make words" in faults.found[0]


def test_what_is_shipped_is_made_of_the_examples_and_words_that_are_there() -> None:
    assert SHIPPED.digest == model.digest(MESSAGES), "run `make words`"


def test_learning_again_gives_what_is_shipped() -> None:
    """But for the last step of a weight here and there: processors do not round logarithms alike."""
    read = examples.read(MESSAGES, Faults())
    fitted, rows = learn_rows(observed(MESSAGES, read), [example.topic for example in read])
    assert fitted.topics == SHIPPED.topics
    assert set(fitted.names) == set(SHIPPED.rows)
    width = 2 * (len(fitted.topics) + 1)
    shipped = np.frombuffer(
        b"".join(SHIPPED.rows[name].to_bytes(width, "little")[::2] for name in fitted.names), dtype=np.uint8
    )
    steps = np.abs(shipped.astype(int) - np.frombuffer(rows, dtype=np.uint8).astype(int))
    assert steps.max() <= 1
    assert (steps > 0).mean() < 0.001


def test_examples_are_sound() -> None:
    faults = Faults()
    found = examples.read(MESSAGES, faults)
    assert not faults.found
    topics = {example.topic for example in found}
    assert topics == set(SHIPPED.topics)
    assert {by_base(example) for example in found} == set(range(FOLDS))


def test_forty_examples_or_more_for_every_topic_in_three_scripts() -> None:
    found = examples.read(MESSAGES, Faults())
    for topic in SHIPPED.topics:
        texts = [example.text for example in found if example.topic == topic]
        khmer = sum(any("\u1780" <= char <= "\u17ff" for char in text) for text in texts)
        assert len(texts) >= 40, topic
        assert khmer >= 10, topic
        assert len(texts) - khmer >= 20, topic


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a1\tThailand\ttext", "must be base, country"),
        ("a1\tTH\t ", "must be base, country"),
        ("a1\tTH\ttext\tno_topic", "must be base, country"),
        ("a1\tTH\ttext\tloans\tmore", "must be base, country"),
        ("a1\tTH\ttext\na2\tTH\ttext", "is there twice"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    folder = tmp_path / "messages" / "examples"
    folder.mkdir(parents=True)
    (folder / "loans.tsv").write_text(f"base\tcountry\ttext\talso_ok\n{line}\n", encoding="utf-8")
    faults = Faults()
    examples.read(tmp_path / "messages", faults)
    assert len(faults.found) == 1
    assert fault in faults.found[0]

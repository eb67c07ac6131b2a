"""How far the texts have been looked over: what `messages/review.yaml` says, and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast

from bot.content.book import LANGUAGES, Book, Language, Unsound
from bot.content.faults import Faults
from bot.content.nodes import Block, read_block

State = Literal["drafted", "read"]
STATES = ("drafted", "read")
"""`read`: every text was read as its receiver would, by somebody who grew up with the language."""
PEOPLE = frozenset({"maintainer", "editor", "translator", "teacher", "caseworker", "returned worker"})
"""Who looked: the part a person plays, never a name."""
BEGUN = date(2026, 11, 1)
"""Nothing can have been looked over before there was anything."""
DIGITS = 16


@dataclass(frozen=True, slots=True)
class Review:
    """The state of a catalog or list since the day `on`. `texts` is the fingerprint of what was read."""

    state: State
    on: date
    by: str
    texts: str | None


def load_reviews(messages: Path) -> Mapping[Language, Review]:
    """The review of each catalog. Raises Unsound for a state, day or person that cannot be."""
    faults = Faults()
    block = read_block(messages / "review.yaml", f"{messages.name}/review.yaml", faults)
    if block is not None:
        block.only(*LANGUAGES)
    reviews = {language: read_review(block.inner(language)) for language in LANGUAGES} if block else {}
    if faults.found:
        raise Unsound(faults.found)
    return reviews


def read_review(block: Block) -> Review:
    """One review; faults go to the block's."""
    block.only("state", "on", "by", "texts")
    state = cast(State, block.choice("state", STATES))
    by = block.choice("by", PEOPLE)
    texts = block.optional("texts")
    on = block.day("on")
    if on is None or on < BEGUN:
        block.faults.add(block.at("on"), f"`on` must be the day it was looked over, not before {BEGUN}")
    if (state == "read") != _is_fingerprint(texts):
        reason = (
            f"`texts` must be the {DIGITS} signs that `phlov check` shows"
            if state == "read"
            else "only what was read has `texts`"
        )
        block.faults.add(block.at("texts"), reason)
    return Review(state, on or BEGUN, by, texts)


def _is_fingerprint(text: str | None) -> bool:
    return text is not None and len(text) == DIGITS and set(text) <= set("0123456789abcdef")


def fingerprint(book: Book, language: Language) -> str:
    """Changes with every change of what is said in `language`, whatever the order of the files."""
    said = sorted({(context, text, book.words(context, text, language)) for context, text in book.texts()})
    return sha256(repr(said).encode()).hexdigest()[:DIGITS]

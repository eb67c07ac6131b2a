"""Texts that found no answer: shown in groups without numbers and names, and turned into examples."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from bot.content.book import TOPICS
from bot.content.loader import ROOT
from bot.conversation.grouping import groups, pieces
from bot.conversation.masking import mask
from bot.services import audit
from bot.services.audit import Event
from bot.services.privacy import TEXTS
from bot.services.service import Service
from bot.store import overview, unmatched
from bot.store.crypto import Unsealable
from bot.store.database import Tx
from bot.store.times import DAY, moment

EXAMPLES = Path("messages/examples")
REGRESSIONS = Path("tests/understanding/regressions.tsv")
EXAMPLE_HEAD = "base\tcountry\ttext"
REGRESSION_HEAD = "text\ttopic\tcountry"
KEPT_DAYS = TEXTS // DAY
SHORT = 6
MOST_SHOWN = 150
"""So many texts, the newest, are looked through for a page."""
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


class CannotTeach(ValueError):
    """The text cannot become an example. The words say why, in English; `why` is one word, for pages."""

    def __init__(self, why: Literal["topic", "known", "gone", "several", "empty"], words: str) -> None:
        super().__init__(words)
        self.why = why


class Line(NamedTuple):
    """One text as staff see it: a short id, the day it came, and its words under the mask."""

    id: str
    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Taught:
    """What was written: the words under the mask, and the two files."""

    text: str
    topic: str
    country: str | None
    files: tuple[Path, Path]


def grouped(service: Service, days: int, most: int = unmatched.MOST) -> list[list[Line]]:
    """The texts of the last days that found no answer, in groups of like ones; groups and texts newest first.

    No more than `most` texts are looked at, the newest. Raises `StoreError`.
    """
    return _grouped(service, service.database.read(lambda tx: _since(service, tx, days, most)))


def waiting(service: Service) -> int:
    """How many texts that found no answer are kept; not counted further than `overview.MOST`. Raises `StoreError`."""
    return service.database.read(overview.unmatched)


def read_grouped(service: Service, days: int, most: int, by: str) -> list[list[Line]]:
    """The same on a page; that it was read is noted. Raises `StoreError`."""
    return _grouped(
        service, audit.read_and_note(service, lambda tx: _since(service, tx, days, most), Event.UNMATCHED_READ, by)
    )


def _since(service: Service, tx: Tx, days: int, most: int) -> list[unmatched.Lost]:
    return unmatched.since(tx, service.now() - days * DAY, most)


def _grouped(service: Service, found: Iterable[unmatched.Lost]) -> list[list[Line]]:
    lines = [
        Line(_spelled(lost.inbound_id)[-SHORT:], moment(lost.at).date(), text)
        for lost, text in _opened(service, found)
        if pieces(text)
    ]
    return [[lines[place] for place in group] for group in groups(line.text for line in lines)]


def teach(service: Service, short_id: str, topic: str, root: Path = ROOT, by: str | None = None) -> Taught:
    """Make a text an example of a topic and a test of its own; it is shown no more. Raises `CannotTeach`."""
    if topic not in TOPICS:
        raise CannotTeach("topic", f"there is no topic {topic!r}; the topics are: {', '.join(sorted(TOPICS))}")
    row, text = _sought(service, short_id.strip().lower())
    country = service.reader.country(text)
    examples, regressions = root / EXAMPLES / f"{topic}.tsv", root / REGRESSIONS
    base = f"u{sha256(text.encode()).hexdigest()[:8]}"
    with _alone(examples.parent):
        known = next((path.stem for path in examples.parent.glob("*.tsv") if text in _column(path, 2)), None)
        if known:
            raise CannotTeach("known", f"this text is an example of {known} already")
        test = _drafted(regressions, REGRESSION_HEAD, (text, topic, country or ""))
        try:
            _drafted(examples, EXAMPLE_HEAD, (base, country or "", text)).replace(examples)
            test.replace(regressions)
        finally:
            test.unlink(missing_ok=True)

    def forget(tx: Tx) -> None:
        tx.run(unmatched.FORGET, row=row)
        audit.note(service, tx, Event.UNMATCHED_TAUGHT, by, topic=topic)

    service.database.write(forget)
    return Taught(text, topic, country, (examples, regressions))


def _open(service: Service, since: int) -> Iterator[tuple[unmatched.Lost, str]]:
    """All texts since a time, under the mask."""
    yield from _opened(service, service.database.read(lambda tx: unmatched.since(tx, since)))


def _opened(service: Service, found: Iterable[unmatched.Lost]) -> Iterator[tuple[unmatched.Lost, str]]:
    """The texts under the mask. One that does not open (a damaged byte) is left out."""
    kept = mask(service.book.lexicon)
    for lost in found:
        with suppress(Unsealable):
            text = service.vault.open(lost.text_sealed, "inbound", lost.inbound_id).decode()
            yield lost, kept.cover(text)


def _sought(service: Service, short_id: str) -> tuple[int, str]:
    """The row of a short id and its words under the mask."""
    found = [
        (lost.inbound_id, text)
        for lost, text in _open(service, 0)
        if len(short_id) >= SHORT and _spelled(lost.inbound_id).endswith(short_id)
    ]
    if not found:
        raise CannotTeach("gone", f"no text has the id {short_id!r}; see them with: phlov unmatched")
    if len(found) > 1:
        whole = ", ".join(_spelled(row) for row, _ in found)
        raise CannotTeach("several", f"several texts have this id; write the whole of one: {whole}")
    if not pieces(found[0][1]):
        raise CannotTeach("empty", "nothing is left of this text without numbers and names")
    return found[0]


def _spelled(number: int) -> str:
    """A row's id in digits and small letters."""
    spelled = ""
    while number:
        number, sign = divmod(number, len(_SIGNS))
        spelled = _SIGNS[sign] + spelled
    return spelled


def _column(path: Path, at: int) -> set[str]:
    rows = path.read_text(encoding="utf-8").split("\n")[1:]
    return {cells[at] for row in rows if len(cells := row.split("\t")) > at}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time, over all processes: of two who teach at once neither takes the other's line away."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def _drafted(path: Path, head: str, cells: tuple[str, ...]) -> Path:
    """The file with one more line, beside it; one that is not there begins with its heading."""
    before = path.read_text(encoding="utf-8") if path.exists() else f"{head}\n"
    if before and not before.endswith("\n"):
        before += "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as draft:
        draft.write(before + "\t".join(cells) + "\n")
    Path(name).chmod(0o644)
    return Path(name)

"""A disk that loses its power: rebuilds, from a trace, what may be on it at any moment.

Only what a sync covered is sure to be there. Of the writes since, each may be there, or not, or only some of its
sectors, whatever the order they were made in. A failed sync covers nothing, and what it should have covered is lost
unless it is written again (Linux drops such pages). Assumed: a sync is not a lie, and a sector is whole or old.
"""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracing import Call

SECTOR = 512
ACKNOWLEDGEMENT = 35
"""Bytes of a line the receiver writes."""


@dataclass
class File:
    """One file: what is on the disk for sure, and the writes that may be."""

    sure: bytearray
    open: list[Call] = field(default_factory=list)

    def settle(self, covered: Collection[int]) -> None:
        for call in self.open:
            if id(call) in covered:
                apply(self.sure, call)
        self.open = [call for call in self.open if id(call) not in covered]

    def forget(self, covered: Collection[int]) -> None:
        self.open = [call for call in self.open if id(call) not in covered]

    def after_cut(self, chance: random.Random) -> bytearray:
        """One of the states the file may be found in."""
        image = bytearray(self.sure)
        style = chance.choice(("nothing", "everything", "some", "torn", "a first part"))
        first = chance.randint(0, len(self.open))
        for number, call in enumerate(self.open):
            if style == "everything" or (style == "some" and chance.random() < 0.5):
                apply(image, call)
            elif style == "torn" or (style == "a first part" and number == first):
                tear(image, call, chance)
            elif style == "a first part" and number < first:
                apply(image, call)
        return image


def apply(image: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        del image[call.offset :]
        image.extend(bytes(call.offset - len(image)))
    else:
        put(image, call.offset, call.data)


def put(image: bytearray, offset: int, data: bytes) -> None:
    image.extend(bytes(max(0, offset - len(image))))
    image[offset : offset + len(data)] = data


def tear(image: bytearray, call: Call, chance: random.Random) -> None:
    """Only some sectors of a write arrive; a truncation happens or not."""
    if call.name == "ftruncate":
        if chance.random() < 0.5:
            apply(image, call)
        return
    start, end = call.offset, call.offset + len(call.data)
    while start < end:
        stop = min(end, start - start % SECTOR + SECTOR)
        if chance.random() < 0.5:
            put(image, start, call.data[start - call.offset : stop - call.offset])
        start = stop


@dataclass(frozen=True)
class Moment:
    """Something begins or ends: what a cut just after it may find."""

    call: Call
    begins: bool


class Disk:
    """The files of a folder while a trace is played."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self.files = defaultdict(lambda: File(bytearray()))
        self.files.update({name: File(bytearray(content)) for name, content in before.items()})
        self.acknowledged: list[str] = []
        self._covers: dict[int, list[int]] = {}

    def play(self, moment: Moment) -> None:
        call, file = moment.call, self.files[moment.call.file] if tracked(moment.call) else None
        if file is None:
            if moment.begins:
                self.acknowledged.extend(call.data.decode().split())
        elif call.name in ("pwrite64", "write", "ftruncate"):
            if moment.begins and not call.failed:
                file.open.append(call)
        elif call.name == "unlink":
            self.files.pop(call.file)
        elif moment.begins:
            self._covers[id(call)] = [id(write) for write in file.open]
        elif call.failed:
            file.forget(self._covers.pop(id(call)))
        else:
            file.settle(self._covers.pop(id(call)))

    def after_cut(self, chance: random.Random) -> dict[str, bytearray]:
        return {name: file.after_cut(chance) for name, file in self.files.items()}


def tracked(call: Call) -> bool:
    return call.file.endswith((".db", "-wal", "-journal"))


def moments(calls: Sequence[Call]) -> list[Moment]:
    """Begins and ends in the order of the trace; of the files, and of the acknowledgements."""
    known = [call for call in calls if tracked(call) or (call.name == "write" and len(call.data) == ACKNOWLEDGEMENT)]
    both = [(call.begins, 0, number, Moment(call, True)) for number, call in enumerate(known)]
    both += [(call.ends, 1, number, Moment(call, False)) for number, call in enumerate(known)]
    return [moment for *_, moment in sorted(both, key=lambda entry: entry[:3])]


@dataclass
class Damage:
    """What cuts did: in how many of them acknowledged texts were lost or the file was not sound."""

    cuts: int = 0
    lossy: int = 0
    most_lost: int = 0
    corrupt: int = 0
    open_writes: int = 0

    def note(self, lost: int | None, open_writes: int) -> None:
        self.cuts += 1
        self.open_writes += bool(open_writes)
        self.corrupt += lost is None
        self.lossy += bool(lost)
        self.most_lost = max(self.most_lost, lost or 0)


TEXTS = "SELECT provider_key FROM inbound"
HANDED_OVER = "SELECT id FROM outbound WHERE state >= 20"
"""What must be there of a text that was acknowledged; of one that was handed to a gateway."""


def cut(
    calls: Sequence[Call],
    before: dict[str, bytes],
    keys: Mapping[str, object],
    cuts: int,
    folder: Path,
    kept: str = TEXTS,
) -> Damage:
    """Cut the power `cuts` times at random moments of a trace and see what each left.

    `keys`: text id -> what `kept` finds of it.
    """
    chance, disk, damage = random.Random(f"power {cuts}"), Disk(before), Damage()
    for moment, times in spread(moments(calls), cuts, chance):
        disk.play(moment)
        for _ in range(times):
            image = disk.after_cut(chance)
            expected = {keys[name] for name in disk.acknowledged}
            damage.note(lost(image, expected, folder, kept), sum(len(file.open) for file in disk.files.values()))
    return damage


def spread(all_moments: list[Moment], cuts: int, chance: random.Random) -> Iterator[tuple[Moment, int]]:
    times = [0] * len(all_moments)
    for _ in range(cuts):
        times[chance.randrange(len(times))] += 1
    return zip(all_moments, times, strict=True)


def lost(image: dict[str, bytearray], expected: set[object], folder: Path, kept: str) -> int | None:
    """How many acknowledged texts are not in the file any more; None if it is not sound."""
    for old in folder.glob("phlov.db*"):
        old.unlink()
    for name, content in image.items():
        (folder / Path(name).name).write_bytes(content)
    connection = sqlite3.connect(folder / "phlov.db", isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        return len(expected - {key for (key,) in connection.execute(kept)})
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()

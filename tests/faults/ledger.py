"""What the database holds against what the gateway was told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from house import House
from sqlalchemy import func, select

from bot.store.opening import open_store
from bot.store.statements import Statement
from bot.store.tables import DailyCount, Inbound, Outbound

INBOUND = Statement(lambda _: select(Inbound.id, Inbound.provider_key, Inbound.response_sealed))
OUTBOUND = Statement(lambda _: select(Outbound.inbound_id, func.count()).group_by(Outbound.inbound_id))
COUNTED = Statement(lambda _: select(func.coalesce(func.sum(DailyCount.texts), 0)))


@dataclass(frozen=True)
class Verdict:
    """All zero and `sound` is what a house must reach; `taken` texts were acknowledged, `kept` have a row."""

    taken: int
    kept: int
    lost: int
    doubled: int
    differing: int
    miscounted: int
    sound: bool

    @property
    def spotless(self) -> bool:
        return self.sound and not (self.lost or self.doubled or self.differing or self.miscounted)


def judge(house: House, sent: Collection[str], taken: Mapping[str, Sequence[bytes]]) -> Verdict:
    """Compare every text that was `taken` (its id and the body of each 200) with the rows of a house at rest.

    lost: acknowledged without a row or without a reply. doubled: rows beyond the texts sent, and replies beyond one.
    differing: a copy was answered with other bytes than are kept. miscounted: the day's count, kept in the same
    transaction, differs from the replies.
    """
    store = open_store(house.url, house.data)
    try:
        rows = {key: (row, sealed) for row, key, sealed in store.database.read(lambda tx: tx.all(INBOUND))}
        replies = Counter(dict(store.database.read(lambda tx: tx.all(OUTBOUND))))
        counted = store.database.read(lambda tx: tx.one(COUNTED))[0]
        ours = {message: rows.get(store.vault.provider_key("twilio", message)) for message in sent}
        kept = {message: row for message, row in ours.items() if row}
        differing = 0
        for message, bodies in taken.items():
            row, sealed = kept.get(message, (0, None))
            body = store.vault.open(sealed, "response", row).partition(b"\n")[2] if sealed else None
            differing += set(bodies) != {body}
    finally:
        store.database.close()
    return Verdict(
        taken=len(taken),
        kept=len(rows),
        lost=sum(message not in kept or not replies[kept[message][0]] for message in taken),
        doubled=len(rows) - len(kept) + sum(number - 1 for number in replies.values()),
        differing=differing,
        miscounted=abs(int(counted) - replies.total()),
        sound=sound(house),
    )


def sound(house: House) -> bool:
    """Whether SQLite finds nothing wrong with its file (PostgreSQL has no such question)."""
    if not house.url.startswith("sqlite"):
        return True
    connection = sqlite3.connect(house.file)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        return found == [("ok",)] and not connection.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        connection.close()

"""Lists of people on their way in from a page: sealed, in parts, with what is to be done with them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, and_, bindparam, delete, exists, or_, select, update

from bot.store import marks
from bot.store.case_tables import Upload, UploadPart
from bot.store.database import Tx
from bot.store.statements import Insert, Statement

REPORT: Final = -1
"""The part that is not of the list: what is wrong with it, row by row, and what its columns are called."""
DELETED: Final = 16
"""Parts that are deleted in one transaction, so that nobody who texts waits for it."""
HELD: Final = "upload:{}"
"""Until when a process works on a list, of its id; nobody else does meanwhile."""


class Kept(NamedTuple):
    """A list. `parts` is 0 until all of it is there; `how` and `told` are JSON."""

    id: int
    staff_id: int
    who: str
    at: int
    parts: int
    how: str
    confirmed_at: int | None
    finished_at: int | None
    told: str | None


_COLUMNS = tuple(getattr(Upload, name) for name in Kept._fields)
_THIS = Upload.id == bindparam("row")
_PART = and_(UploadPart.upload_id == bindparam("of"), UploadPart.part == bindparam("nth"))
_ADD = Statement(lambda insert: insert(Upload), columns=("id", "staff_id", "who", "at", "parts", "how"))
_GET = Statement(lambda _: select(*_COLUMNS).where(_THIS))
_OF = Statement(
    lambda _: (
        select(*_COLUMNS)
        .where(Upload.staff_id == bindparam("of"), Upload.parts > 0)
        .order_by(Upload.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
)
_SET = {
    name: Statement(lambda _: update(Upload).where(_THIS, Upload.finished_at.is_(None)), columns=names)
    for name, names in {
        "whole": ("parts",),
        "read": ("how", "told"),
        "told": ("told",),
        "confirmed": ("confirmed_at",),
        "finished": ("finished_at", "told"),
    }.items()
}
_TO_DO = Statement(
    lambda _: (
        select(Upload.id)
        .where(Upload.parts > 0, Upload.finished_at.is_(None))
        .where(or_(Upload.told.is_(None), Upload.confirmed_at.is_not(None)))
        .order_by(Upload.id)
    )
)
_OLD = Statement(
    lambda _: (
        select(Upload.id)
        .where(
            or_(
                and_(Upload.confirmed_at.is_(None), Upload.at < bindparam("unconfirmed")),
                and_(Upload.confirmed_at < bindparam("confirmed"), Upload.finished_at.is_(None)),
                Upload.finished_at < bindparam("finished"),
            )
        )
        .order_by(Upload.id)
    )
)
_LEFT = Statement(
    lambda _: select(Upload.id).where(
        Upload.finished_at.is_not(None), exists().where(UploadPart.upload_id == Upload.id, UploadPart.part >= 0)
    )
)
_READ = Statement(lambda _: select(UploadPart.sealed).where(_PART))
_LAST_PARTS = (
    select(UploadPart.part)
    .where(UploadPart.upload_id == bindparam("of"), UploadPart.part >= bindparam("least", type_=Integer))
    .order_by(UploadPart.part.desc())
    .limit(bindparam("most", type_=Integer))
)
_DROP_PARTS = Statement(
    lambda _: delete(UploadPart).where(UploadPart.upload_id == bindparam("of"), UploadPart.part.in_(_LAST_PARTS))
)
_DROP = Statement(lambda _: delete(Upload).where(_THIS))


def _put(insert: Insert) -> Any:
    new = insert(UploadPart)
    key = [UploadPart.upload_id, UploadPart.part]
    return new.on_conflict_do_update(index_elements=key, set_={"sealed": new.excluded.sealed})


_PUT = Statement(_put)


def add(tx: Tx, kept: Kept) -> None:
    """Begin a list."""
    told = kept._asdict()
    tx.run(_ADD, **{name: told[name] for name in ("id", "staff_id", "who", "at", "parts", "how")})


def get(tx: Tx, upload: int) -> Kept | None:
    """A list."""
    row = tx.one(_GET, row=upload)
    return Kept._make(row) if row else None


def of(tx: Tx, staff_id: int, most: int) -> list[Kept]:
    """The newest lists that somebody gave."""
    return [Kept._make(row) for row in tx.all(_OF, of=staff_id, most=most)]


def change(tx: Tx, what: str, upload: int, **values: Any) -> bool:
    """It is `whole`, to be `read` another way, `told` about, `confirmed` or `finished`; False if it is over or gone."""
    return tx.run(_SET[what], row=upload, **values) == 1


def to_do(tx: Tx) -> list[int]:
    """Lists that are to be looked through, or to be taken in; the first to come first."""
    return [row for (row,) in tx.all(_TO_DO)]


def old(tx: Tx, unconfirmed: int, confirmed: int, finished: int) -> list[int]:
    """Lists that nobody wanted since then, that nobody could take in since then, or that are in since then."""
    return [row for (row,) in tx.all(_OLD, unconfirmed=unconfirmed, confirmed=confirmed, finished=finished)]


def left(tx: Tx) -> list[int]:
    """Lists that are in, and whose parts are not gone: whoever took them in was killed before."""
    return [row for (row,) in tx.all(_LEFT)]


def put(tx: Tx, upload: int, part: int, sealed: bytes) -> None:
    """Keep a part."""
    tx.run(_PUT, upload_id=upload, part=part, sealed=sealed)


def read(tx: Tx, upload: int, part: int) -> bytes | None:
    """A part."""
    row = tx.one(_READ, of=upload, nth=part)
    return bytes(row[0]) if row else None


def drop_parts(tx: Tx, upload: int, least: int) -> int:
    """Delete the last `DELETED` parts from the part `least` on; how many there were."""
    return tx.run(_DROP_PARTS, of=upload, least=least, most=DELETED)


def drop(tx: Tx, upload: int) -> None:
    """Delete a list whose parts are gone."""
    tx.run(_DROP, row=upload)
    marks.drop(tx, HELD.format(upload))


def hold(tx: Tx, upload: int, now: int, lease: int, *, again: bool) -> bool:
    """Work on a list for so long, or `again` so long; False if somebody else does."""
    until = marks.get(tx, HELD.format(upload))
    if not again and until is not None and now < until <= now + lease:
        return False
    marks.put(tx, HELD.format(upload), now + lease)
    return True


def let_go(tx: Tx, upload: int) -> None:
    """Others may work on it."""
    marks.drop(tx, HELD.format(upload))

"""Single facts the house remembers about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, literal_column, select

from bot.store.database import Tx
from bot.store.statements import Insert, Statement
from bot.store.tables import Mark

KEY = "key"
PURGED_AT = "purged_at"
MENDED_AT = "mended_at"
CONDUCTED_AT = "conducted_at"
"""When broadcasts were last looked after, by a clock that was trusted."""
DOUBTED_UNTIL = "doubted_until"
"""Until when nobody believes the clock, for it was set or its machine switched on; by that clock."""
PACE = "pace:{}"
"""When the next text of a broadcast, of its id, may go; microseconds."""
REGISTRY = "registry"
"""Another value whenever agencies or campaigns have changed."""
DUTY_AT = "duty_at"
"""When the last alert went to a duty phone."""
DUTY_PHONE = "duty_phone"
"""Which phone it went to."""
DUTY_HOUR = "duty_hour"
"""The hour of that and how many alerts it had, as hour * 1000 + alerts."""

EXPANDER = "expander:{}"
"""Which process writes the recipients of a broadcast down, and until when nobody else does."""

_GET = Statement(lambda _: select(Mark.value).where(Mark.name == bindparam("mark")))


def _put(insert: Insert) -> Any:
    new = insert(Mark)
    return new.on_conflict_do_update(index_elements=[Mark.name], set_={"value": new.excluded.value})


_PUT = Statement(_put)
_DROP = Statement(lambda _: delete(Mark).where(Mark.name == bindparam("mark")))
_FIRST = Statement(lambda insert: insert(Mark).on_conflict_do_nothing())


def get(tx: Tx, name: str) -> int | None:
    """The value of a mark; None if it was never set."""
    row = tx.one(_GET, mark=name)
    return row[0] if row else None


_CLOCK = Statement(
    lambda _: select(Mark.name, Mark.value).where(
        Mark.name.in_([literal_column(f"'{name}'") for name in (CONDUCTED_AT, DOUBTED_UNTIL, PURGED_AT)])
    )
)


def clock(tx: Tx) -> Mapping[str, int]:
    """What was last noted by a clock that was trusted, and how long it is not."""
    return dict(tx.all(_CLOCK))


def put(tx: Tx, name: str, value: int) -> None:
    """Set a mark."""
    tx.run(_PUT, name=name, value=value)


def drop(tx: Tx, name: str) -> None:
    """Forget a mark."""
    tx.run(_DROP, mark=name)


def key_fingerprint(tx: Tx) -> int | None:
    """Which key the rows are sealed with; None while there is none."""
    return get(tx, KEY)


def settle_key(tx: Tx, fingerprint: int) -> bool:
    """Whether the rows are sealed with this key; an empty house takes the first key it is shown."""
    tx.run(_FIRST, name=KEY, value=fingerprint)
    return get(tx, KEY) == fingerprint

"""What became of broadcasts, counted: while they run from the rows of their people, afterwards from what was kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    update,
)

from bot.store import stages
from bot.store.database import Tx
from bot.store.outbox import number
from bot.store.state import SETTLED, State
from bot.store.statements import Insert, Statement
from bot.store.tables import (
    Broadcast,
    BroadcastAnswer,
    BroadcastResult,
    BroadcastText,
    Contact,
    DailyCount,
    Outbound,
    Recipient,
)

PLANNED: Final = "planned"
STOPPED_AFTER: Final = "stopped_after"
"""Said STOP within `NEAR` after the text: a count beside the outcomes."""
OVERLAYS: Final = frozenset({STOPPED_AFTER})
"""What `BroadcastResult` counts of people who are already counted under an outcome: left out of every sum (I6)."""
NEAR: Final = 72 * 3_600_000
HOUR: Final = 3_600_000
HOURS: Final = "hours"
"""The key of `Broadcast.counts` under which the texts given to the outbox in each hour are kept at the end."""
GIVEN: Final = 1
WENT: Final = (State.UNKNOWN, State.ACCEPTED, State.SENT, State.UNDELIVERED, State.DELIVERED, State.READ)
"""What a gateway was given, as far as anybody knows: what is paid for."""

_COLUMNS: Final = ("province", "language", "channel", "country", "network", "outcome", "recipients", "parts")


class Head(NamedTuple):
    """What a broadcast itself says."""

    id: int
    campaign: str
    title: str
    channel: str
    state: int
    counts: str
    pace: int | None
    starts_at: int
    ends_at: int
    paused_why: str | None
    closed_at: int | None


class Cell(NamedTuple):
    """People of one kind; `outcome` as `BroadcastResult` has it, or `planned`."""

    province: str
    language: str
    channel: str
    country: str
    network: str
    outcome: str
    people: int
    parts: int


class Tally(NamedTuple):
    """Every count of a broadcast at one moment. `erased`: how many of them had been erased before."""

    cells: list[Cell]
    hours: Mapping[int, int]
    erased: int


def _whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    """Sums are decimals in PostgreSQL."""
    return cast(value, BigInteger)


_THIS: BindParameter[int] = bindparam("broadcast")
_OF_THIS = Recipient.broadcast_id == _THIS
_HEADS = select(*(getattr(Broadcast, name) for name in Head._fields))
_HEAD = Statement(lambda _: _HEADS.where(Broadcast.id == _THIS))
_OPEN = Statement(lambda _: _HEADS.where(Broadcast.closed_at.is_(None)).order_by(Broadcast.id))
_OF_CAMPAIGN = Statement(lambda _: _HEADS.where(Broadcast.campaign == bindparam("code")).order_by(Broadcast.starts_at))
_PEOPLE = Statement(
    lambda _: (
        select(Recipient.state, func.count(), _whole(func.sum(Recipient.parts)))
        .where(_OF_THIS)
        .group_by(Recipient.state)
    )
)
_TEXT_IDS = Statement(lambda _: select(BroadcastText.id).where(BroadcastText.broadcast_id == _THIS))
_TEXTS = Statement(  # one text at a time: the index then has its states in order
    lambda _: (
        select(Outbound.state, func.count())
        .where(Outbound.broadcast_text_id == bindparam("words"))
        .group_by(Outbound.state)
    )
)
_LATELY = Statement(
    lambda _: select(func.count(), func.min(Outbound.created_at)).where(
        Outbound.id > bindparam("since"),
        Outbound.broadcast_text_id.in_(select(BroadcastText.id).where(BroadcastText.broadcast_id == _THIS)),
        Outbound.state >= number(SETTLED),
    )
)
_KINDS: tuple[Any, ...] = (
    func.coalesce(Recipient.province, literal_column("''")),
    Recipient.language,
    func.coalesce(Outbound.channel, Broadcast.channel),
    Recipient.country,
    func.coalesce(Recipient.network, literal_column("''")),
)
_LIVE = (
    select(*_KINDS, func.coalesce(Outbound.state, Recipient.state), func.count(), _whole(func.sum(Recipient.parts)))
    .select_from(Recipient)
    .join(Broadcast, Broadcast.id == Recipient.broadcast_id)
    .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
    .where(_OF_THIS)
    .group_by(*_KINDS, func.coalesce(Outbound.state, Recipient.state))
)
_TALLY = Statement(lambda _: _LIVE)
_STOPPED = Statement(
    lambda _: (
        select(*_KINDS, func.count(), _whole(func.sum(Recipient.parts)))
        .select_from(Recipient)
        .join(Broadcast, Broadcast.id == Recipient.broadcast_id)
        .join(Outbound, Outbound.id == Recipient.outbound_id)
        .join(Contact, Contact.id == Recipient.contact_id)
        .where(
            _OF_THIS,
            Contact.opted_out_at.between(Outbound.created_at, Outbound.created_at + literal_column(str(NEAR))),
        )
        .group_by(*_KINDS)
    )
)
_HOUR = _whole(Outbound.created_at - Outbound.created_at % literal_column(str(HOUR)))
_HOURS = Statement(
    lambda _: (
        select(_HOUR, func.count())
        .where(
            Outbound.broadcast_text_id == bindparam("words"),
            Outbound.state.in_([number(state) for state in WENT]),
        )
        .group_by(_HOUR)
    )
)
_KEPT = Statement(
    lambda _: select(*(getattr(BroadcastResult, name) for name in _COLUMNS)).where(
        BroadcastResult.broadcast_id == _THIS
    )
)


def _keep(insert: Insert) -> Any:
    """Beside what is there already of those who were erased."""
    new = insert(BroadcastResult)
    return new.on_conflict_do_update(
        index_elements=list(BroadcastResult.__table__.primary_key),
        set_={
            "recipients": BroadcastResult.recipients + new.excluded.recipients,
            "parts": BroadcastResult.parts + new.excluded.parts,
        },
    )


_KEEP = Statement(_keep, columns=("broadcast_id", *_COLUMNS))
_COUNTS = Statement(  # held, so that nobody who is erased meanwhile counts themselves out
    lambda _: select(Broadcast.counts).where(Broadcast.id == _THIS).with_for_update()
)
_SET_COUNTS = Statement(lambda _: update(Broadcast).where(Broadcast.id == _THIS), columns=("counts",))
_ANSWERS = Statement(
    lambda _: select(
        BroadcastAnswer.answer, BroadcastAnswer.province, BroadcastAnswer.language, BroadcastAnswer.texts
    ).where(BroadcastAnswer.broadcast_id == _THIS)
)
_TOPICS = Statement(
    lambda _: (
        select(DailyCount.topic, _whole(func.sum(DailyCount.texts)))
        .where(and_(DailyCount.topic >= bindparam("first"), DailyCount.topic < bindparam("last")))
        .group_by(DailyCount.topic)
    )
)


def head(tx: Tx, broadcast: int) -> Head | None:
    """The broadcast itself."""
    row = tx.one(_HEAD, broadcast=broadcast)
    return Head._make(row) if row else None


def of_campaign(tx: Tx, code: str) -> list[Head]:
    """Every broadcast of a campaign, the oldest first."""
    return [Head._make(row) for row in tx.all(_OF_CAMPAIGN, code=code)]


def still_open(tx: Tx) -> list[Head]:
    """The broadcasts that are not closed."""
    return [Head._make(row) for row in tx.all(_OPEN)]


class Sums(NamedTuple):
    """People by outcome (a state in small letters, why they were left out, `planned`), and the parts of all texts."""

    outcomes: Mapping[str, int]
    parts: int


def sums(tx: Tx, broadcast: Head) -> Sums:
    """How far a broadcast has come; the sum is always its audience (I6). Reads an index, not the texts themselves."""
    found: dict[str, int] = {}
    parts = 0
    for cell in kept(tx, broadcast.id):
        if cell.outcome not in OVERLAYS:
            found[cell.outcome] = found.get(cell.outcome, 0) + cell.people
            parts += cell.parts
    if broadcast.closed_at is None:
        given = 0
        for state, people, more in tx.all(_PEOPLE, broadcast=broadcast.id):
            parts += more
            if state == GIVEN:
                given = people
            else:
                _add(found, state, people)
        _add(found, int(State.UNKNOWN), given - _add_texts(tx, broadcast.id, found))
    return Sums(found, parts)


def texts(tx: Tx, broadcast: int) -> Mapping[str, int]:
    """The texts of a broadcast in the outbox by their states, from the index alone."""
    found: dict[str, int] = {}
    _add_texts(tx, broadcast, found)
    return found


def _add_texts(tx: Tx, broadcast: int, found: dict[str, int]) -> int:
    counted = 0
    for (words,) in tx.all(_TEXT_IDS, broadcast=broadcast):
        for state, count in tx.all(_TEXTS, words=words):
            _add(found, state, count)
            counted += count
    return counted


def _add(found: dict[str, int], state: int, people: int) -> None:
    if people:
        word = outcome(state)
        found[word] = found.get(word, 0) + people


def outcome(state: int) -> str:
    """The word for a state of a recipient or of their text; of a text that is not there nobody knows what became."""
    if state == GIVEN:
        state = State.UNKNOWN
    return stages.outcome(state) if state else PLANNED


def lately(tx: Tx, broadcast: int, since: int) -> tuple[int, int | None]:
    """How many of the texts made since the id `since` are settled, and when the first of them was made."""
    row = tx.one(_LATELY, broadcast=broadcast, since=since)
    return (row[0], row[1]) if row else (0, None)


def kept(tx: Tx, broadcast: int) -> list[Cell]:
    """What was written down: everything once the broadcast is closed, before that those who were erased."""
    return [Cell._make(row) for row in tx.all(_KEPT, broadcast=broadcast)]


def live(tx: Tx, broadcast: int) -> list[Cell]:
    """The people of a broadcast as they are, and who of them said STOP soon after their text."""
    found: dict[tuple[str, ...], Cell] = {}
    for *kind, state, count, parts in tx.all(_TALLY, broadcast=broadcast):
        cell = Cell._make((*kind, outcome(state), count, parts))
        same = found.get(cell[:6])
        more = (same.people, same.parts) if same else (0, 0)
        found[cell[:6]] = cell._replace(people=count + more[0], parts=parts + more[1])
    stopped = [
        Cell._make((*kind, STOPPED_AFTER, count, parts))
        for *kind, count, parts in tx.all(_STOPPED, broadcast=broadcast)
    ]
    return [*found.values(), *stopped]


def hours(tx: Tx, broadcast: Head) -> Mapping[int, int]:
    """How many texts went in which hour, by its beginning."""
    known = json.loads(broadcast.counts or "{}").get(HOURS)
    if known is not None:
        return {int(hour): count for hour, count in known.items()}
    found: dict[int, int] = {}
    for (words,) in tx.all(_TEXT_IDS, broadcast=broadcast.id):
        for hour, count in tx.all(_HOURS, words=words):
            found[hour] = found.get(hour, 0) + count
    return dict(sorted(found.items()))


def tally(tx: Tx, broadcast: Head) -> Tally:
    """Everything that is to be kept of a broadcast. Takes long for a large one: read it, then `keep` it."""
    return Tally(live(tx, broadcast.id), hours(tx, broadcast), _erased(tx, broadcast.id))


def keep(tx: Tx, broadcast: int, counted: Tally) -> bool:
    """Write the tally down; False if somebody was erased since it was taken: then take another.

    Short, for at most a few thousand rows: one for each kind of people, whatever their number. The caller closes the
    broadcast in the same transaction, or the next tally would count everybody twice.
    """
    known = tx.one(_COUNTS, broadcast=broadcast)
    if _erased(tx, broadcast) != counted.erased:
        return False
    rows = [{"broadcast_id": broadcast, **dict(zip(_COLUMNS, cell, strict=True))} for cell in counted.cells]
    tx.put_many(_KEEP, rows)
    told = json.loads((known and known[0]) or "{}")
    told[HOURS] = {str(hour): count for hour, count in counted.hours.items()}
    tx.run(_SET_COUNTS, broadcast=broadcast, counts=json.dumps(told))
    return True


def _erased(tx: Tx, broadcast: int) -> int:
    return people(kept(tx, broadcast))


def people(cells: Iterable[Cell]) -> int:
    """How many people, each once."""
    return sum(cell.people for cell in cells if cell.outcome not in OVERLAYS)


def answers(tx: Tx, broadcast: int) -> list[tuple[str, str, str, int]]:
    """Answer, province, language, and how often it was given."""
    return [(row[0], row[1], row[2], row[3]) for row in tx.all(_ANSWERS, broadcast=broadcast)]


def quiz(tx: Tx, code: str) -> Mapping[str, int]:
    """The answers to the quiz that count for a campaign: `before/2/right` and how often."""
    first = f"quiz/{code}/"
    return {topic.removeprefix(first): count for topic, count in tx.all(_TOPICS, first=first, last=f"quiz/{code}0")}

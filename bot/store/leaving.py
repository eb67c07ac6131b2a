"""A person who is to be forgotten leaves the broadcasts they were in; the sums stay right (I6).

That they did not want what they got still counts against a broadcast, as if they had said STOP: as numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, func, literal_column, select

from bot.store import stages
from bot.store.database import Tx
from bot.store.lists import listed, words
from bot.store.stages import NEAR, OVER, STOPPED_AFTER, Left, Stage
from bot.store.state import SETTLED, WENT, State
from bot.store.statements import Insert, Statement
from bot.store.tables import Broadcast, BroadcastResult, Contact, Mark, Outbound, Permit, Recipient
from bot.store.waves import COUNTRY, UNKNOWN_COUNTRY, wave

_KEY = (Recipient.broadcast_id, Recipient.country, Recipient.wave)
_GIVEN = 1
_EMPTY: ColumnElement[str] = literal_column("''")
AT_THE_PLACE = and_(
    Recipient.country.in_([COUNTRY, literal_column(f"'{UNKNOWN_COUNTRY}'")]),
    Recipient.wave == wave(Contact.id, Broadcast.id),
    Recipient.contact_id == Contact.id,
    Recipient.broadcast_id == Broadcast.id + literal_column("0"),
)
"""Where a contact is a recipient of a broadcast: all of the key, whose index then finds it. A country may have become
known since. The sum keeps SQLite from looking through all recipients for those of a broadcast."""


class _Was(NamedTuple):
    """What a person was in a broadcast. `said_at`: when they said STOP, if they did."""

    broadcast: int
    country: str
    wave: int
    stage: int
    paused_from: int | None
    canary_until: int | None
    closed_at: int | None
    province: str
    language: str
    channel: str
    network: str
    parts: int
    state: int | None
    texted_at: int | None
    said_at: int | None


_PLACES = Statement(
    lambda _: (
        select(
            *_KEY,
            Broadcast.state,
            Broadcast.paused_from,
            Broadcast.canary_until,
            Broadcast.closed_at,
            func.coalesce(Recipient.province, _EMPTY),
            Recipient.language,
            func.coalesce(Outbound.channel, Broadcast.channel),
            func.coalesce(Recipient.network, _EMPTY),
            Recipient.parts,
            case((Recipient.state == literal_column(str(_GIVEN)), Outbound.state), else_=Recipient.state),
            Outbound.created_at,
            Contact.opted_out_at,
        )
        .select_from(Contact)
        .join(Broadcast, literal_column("1=1"))
        .join(Recipient, AT_THE_PLACE)
        .outerjoin(Outbound, Outbound.id == Recipient.outbound_id)
        .where(Contact.id == bindparam("person"))
        .order_by(Broadcast.id)
        .with_for_update(read=True, of=Broadcast)  # nobody closes one between the count and the commit
    )
)
_LEAVE = Statement(
    lambda _: delete(Recipient).where(
        Recipient.broadcast_id == bindparam("broadcast"),
        Recipient.country == bindparam("of_country"),
        Recipient.wave == bindparam("of_wave"),
        Recipient.contact_id == bindparam("person"),
    )
)
_FORGET_PERMITS = Statement(lambda _: delete(Permit).where(Permit.contact_id == bindparam("person")))


def _count(insert: Insert) -> Any:
    new = insert(BroadcastResult)
    more = {name: getattr(BroadcastResult, name) + new.excluded[name] for name in ("recipients", "parts")}
    return new.on_conflict_do_update(index_elements=list(BroadcastResult.__table__.primary_key), set_=more)


_COUNT = Statement(_count)


_ERASED: Final = "erased:{}:{}:{}"
"""The mark that counts who was erased after a text: of a broadcast, of those made since then, of a wave."""


def _one_more(insert: Insert) -> Any:
    more = {"value": Mark.value + literal_column("1")}
    return insert(Mark).on_conflict_do_update(index_elements=[Mark.name], set_=more)


_ONE_MORE = Statement(_one_more, columns=("name", "value"))
_ERASED_AFTER = Statement(
    lambda _: select(func.coalesce(func.sum(Mark.value), literal_column("0"))).where(Mark.name.in_(words("names")))
)
_DROP = Statement(lambda _: delete(Mark).where(Mark.name.like(bindparam("these"))))


def leave(tx: Tx, contact_id: int, now: int) -> None:
    """Delete a person's rows in broadcasts. In those that are not closed, what became of them is counted first.

    To be done while the contact still has its country, and its texts their states.
    """
    for was in map(_Was._make, tx.all(_PLACES, person=contact_id)):
        if was.closed_at is None:
            outcome = _outcome(was.state)
            _tell(tx, was, outcome, was.parts)
            said_at = was.said_at if was.said_at is not None else now
            if outcome in _WENT and was.texted_at is not None and said_at >= was.texted_at:
                _count_against(tx, was, was.texted_at, said_at)
        tx.run(_LEAVE, broadcast=was.broadcast, of_country=was.country, of_wave=was.wave, person=contact_id)
    tx.run(_FORGET_PERMITS, person=contact_id)


def _tell(tx: Tx, was: _Was, outcome: str, parts: int) -> None:
    kind = {"province": was.province, "language": was.language, "channel": was.channel, "country": was.country}
    kind |= {"network": was.network, "outcome": outcome}
    tx.run(_COUNT, broadcast_id=was.broadcast, **kind, recipients=1, parts=parts)


def _count_against(tx: Tx, was: _Was, texted_at: int, said_at: int) -> None:
    """They had the text and want nothing more: as if they had said STOP, if they did not."""
    if said_at <= texted_at + NEAR:
        _tell(tx, was, STOPPED_AFTER, was.parts)
    running = Stage.RUNNING in (was.stage, was.paused_from)
    since = (was.canary_until or 0) if running else 0
    if was.stage < OVER and texted_at >= since:
        tx.run(_ONE_MORE, name=_ERASED.format(was.broadcast, since, was.wave), value=1)


def erased_after(tx: Tx, broadcast: int, waves: Iterable[int], since: int) -> int:
    """How many people of these waves, whose texts were made from `since` on, were erased after they had theirs.

    `since` is that from which on the broadcast is judged; of another one nobody knows.
    """
    row = tx.one(_ERASED_AFTER, names=listed(_ERASED.format(broadcast, since, wave) for wave in waves))
    return int(row[0]) if row else 0


def judged(tx: Tx, broadcast: int) -> None:
    """Nobody asks any more how many were erased."""
    tx.run(_DROP, these=_ERASED.format(broadcast, "%", "%"))


def _outcome(state: int | None) -> str:
    """What became of somebody who is forgotten now: a text that may be on its way counts as one nobody knows of."""
    if state is None or state in (State.POSTING, State.UNSURE):
        return State.UNKNOWN.name.lower()
    return stages.outcome(state) if state >= SETTLED else Left.ERASED.name.lower()


_WENT: Final = frozenset(stages.outcome(state) for state in WENT)

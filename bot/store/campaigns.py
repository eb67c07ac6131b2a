"""Campaigns, and who said yes to their texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, select, update

from bot.conversation.registry import Campaign, Phase
from bot.store import tables
from bot.store.database import Tx
from bot.store.statements import Insert, Statement

_ROW = tables.Campaign
_MEMBER = tables.Membership


def _name(insert: Insert) -> Any:
    new = insert(_ROW)
    return new.on_conflict_do_update(index_elements=[_ROW.code], set_={"name": new.excluded.name})


_NAME = Statement(_name)
_ALL = Statement(lambda _: select(_ROW.code, _ROW.name, _ROW.phase).order_by(_ROW.created_at, _ROW.code))
_PHASE = Statement(lambda _: update(_ROW).where(_ROW.code == bindparam("sought")), columns=("phase",))
_SIZE = Statement(
    lambda _: select(func.count()).select_from(
        select(_MEMBER.code).where(_MEMBER.code == bindparam("sought")).limit(bindparam("most")).subquery("some")
    )
)
JOIN = Statement(
    lambda insert: insert(_MEMBER).on_conflict_do_nothing(),
    columns=("contact_id", "code", "channel", "language", "question", "joined_at", "how"),
)
"""Joining a second time changes nothing: the first consent stands."""


def keep(tx: Tx, campaign: Campaign, now: int) -> None:
    """Keep a new campaign, or a new name for one that is known."""
    tx.run(_NAME, code=campaign.code, name=campaign.name, phase=campaign.phase, created_at=now)


def set_phase(tx: Tx, code: str, phase: Phase) -> bool:
    """Whether there is such a campaign; it is in this phase from now on."""
    return tx.run(_PHASE, sought=code, phase=phase) > 0


def read(tx: Tx) -> Mapping[str, Campaign]:
    """Every campaign by its code, oldest first."""
    return {code: Campaign(code, name, phase) for code, name, phase in tx.all(_ALL)}


def size(tx: Tx, code: str, most: int) -> int:
    """How many people joined a campaign, counted no further than `most`."""
    row = tx.one(_SIZE, sought=code, most=most)
    return int(row[0]) if row else 0

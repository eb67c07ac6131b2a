"""The tables of broadcasts: what was said to whom, what became of it, and who decided it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, SmallInteger, Text
from sqlalchemy import UniqueConstraint as Unique

from bot.store.columns import (
    SQLITE_CLUSTERED,
    SQLITE_STRICT,
    Table,
    Whole,
    blob,
    few,
    key,
    moment,
    whole,
    word,
)
from bot.store.typed import Mapped, mapped_column


class Broadcast(Table):
    """One text, in several languages, to an audience. `state` is a `services.broadcasts.Stage`.

    `request` names what was asked for, so that asking twice makes one; `campaign` is what people said yes to.
    `audience` (JSON) says who is meant, `counts` (JSON) how many were left out and why, and what it is to cost.
    `pace`: texts an hour, None without limit. `wave` and `canary_until`: how far it has come. `paused_from` is the
    state before the pause and `paused_why` its reason. `origin` names the repetition or series it comes from.
    Milliseconds since 1970; nothing is sent before `starts_at` or after `ends_at`.
    """

    __tablename__ = "broadcast"
    __table_args__ = (Unique("request"), SQLITE_STRICT)

    id: Mapped[key]
    request: Mapped[word]
    campaign: Mapped[str] = mapped_column(Text, ForeignKey("campaign.code"))
    title: Mapped[word]
    channel: Mapped[word]
    author: Mapped[word]
    approver: Mapped[word | None]
    state: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    audience: Mapped[word]
    counts: Mapped[word]
    pace: Mapped[whole | None]
    created_at: Mapped[moment]
    starts_at: Mapped[moment]
    ends_at: Mapped[moment]
    expanded_to: Mapped[whole | None]
    wave: Mapped[few]
    canary_until: Mapped[moment | None]
    paused_from: Mapped[whole | None]
    paused_why: Mapped[word | None]
    repeats: Mapped[word | None]
    origin: Mapped[word | None]
    closed_at: Mapped[moment | None]


class BroadcastText(Table):
    """The words of a broadcast in one language. `opens` is the state that an answer to it leads into, if it asks."""

    __tablename__ = "broadcast_text"
    __table_args__ = (Unique("broadcast_id", "language"), SQLITE_STRICT)

    id: Mapped[key]
    broadcast_id: Mapped[int] = mapped_column(Whole, ForeignKey("broadcast.id"))
    language: Mapped[word]
    text_sealed: Mapped[blob]
    parts: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    opens: Mapped[word | None]


class Recipient(Table):
    """One person of a broadcast. `wave` (0 to 19) is spread over people by their ids; wave 0 is the canary.

    `country` (ZZ if not known) and `wave` follow from the contact, so that nobody is in a broadcast twice. `state`: 0
    planned, 1 given to the outbox (`outbound_id`), else the `State` it came to without ever being given. No foreign
    key: PostgreSQL would look a million times whether the broadcast is there (4 s).
    """

    __tablename__ = "recipient"
    __table_args__ = (SQLITE_CLUSTERED,)

    broadcast_id: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    wave: Mapped[int] = mapped_column(
        SmallInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    contact_id: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    language: Mapped[word]
    province: Mapped[word | None]
    network: Mapped[word | None]
    parts: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    state: Mapped[few]
    outbound_id: Mapped[whole | None]


class BroadcastResult(Table):
    """What became of a broadcast, without a link to anybody; written when it is closed, and for who was erased before.

    `outcome` is a `State` in small letters, or why somebody was left out late.
    """

    __tablename__ = "broadcast_result"
    __table_args__ = (SQLITE_CLUSTERED,)

    broadcast_id: Mapped[int] = mapped_column(Whole, ForeignKey("broadcast.id"), primary_key=True, autoincrement=False)
    province: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    network: Mapped[str] = mapped_column(Text, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    recipients: Mapped[whole]
    parts: Mapped[whole]


class BroadcastAnswer(Table):
    """How often an answer was given to the question of a broadcast, without a link to anybody."""

    __tablename__ = "broadcast_answer"
    __table_args__ = (SQLITE_CLUSTERED,)

    broadcast_id: Mapped[int] = mapped_column(Whole, ForeignKey("broadcast.id"), primary_key=True, autoincrement=False)
    answer: Mapped[str] = mapped_column(Text, primary_key=True)
    province: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    texts: Mapped[whole]


class BroadcastEvent(Table):
    """What staff, or the house itself, did with a broadcast, and when. It names no recipient."""

    __tablename__ = "broadcast_event"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    broadcast_id: Mapped[int] = mapped_column(Whole, ForeignKey("broadcast.id"))
    at: Mapped[moment]
    who: Mapped[word]
    act: Mapped[word]
    detail: Mapped[word | None]


class Permit(Table):
    """Two of staff let one person have one broadcast although a rule would leave them out (H14), and why: `reason` is
    sealed, in base64."""

    __tablename__ = "permit"
    __table_args__ = (SQLITE_CLUSTERED,)

    broadcast_id: Mapped[int] = mapped_column(Whole, ForeignKey("broadcast.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"), primary_key=True, autoincrement=False)
    reason: Mapped[word]
    asked_by: Mapped[word]
    granted_by: Mapped[word | None]
    at: Mapped[moment]


class Series(Table):
    """A series of texts (`messages/series.yaml`) that runs for a campaign. `approver` is not its `author`."""

    __tablename__ = "series"
    __table_args__ = (SQLITE_CLUSTERED,)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    campaign: Mapped[str] = mapped_column(Text, ForeignKey("campaign.code"), primary_key=True)
    channel: Mapped[word]
    author: Mapped[word]
    approver: Mapped[word | None]
    fingerprint: Mapped[word]
    begun_at: Mapped[moment]
    ended_at: Mapped[moment | None]

"""The tables (`indexes` has more). Numbers and texts are only kept keyed or sealed; times are ms since 1970."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, SmallInteger, Text
from sqlalchemy import UniqueConstraint as Unique

from bot.store.broadcast_tables import (
    Broadcast,
    BroadcastAnswer,
    BroadcastEvent,
    BroadcastResult,
    BroadcastText,
    Permit,
    Recipient,
    Series,
)
from bot.store.columns import SQLITE_CLUSTERED, SQLITE_STRICT, Table, Whole, blob, few, key, moment, whole, word
from bot.store.typed import Mapped, mapped_column

__all__ = [
    "REPLIES",
    "Agency",
    "AgencyList",
    "Broadcast",
    "BroadcastAnswer",
    "BroadcastEvent",
    "BroadcastResult",
    "BroadcastText",
    "Campaign",
    "Contact",
    "ContactDay",
    "ContactImport",
    "ContactTag",
    "DailyCount",
    "DeliveryReport",
    "Escalation",
    "Gateway",
    "Inbound",
    "Mark",
    "Membership",
    "Outbound",
    "Permit",
    "Recipient",
    "Series",
    "Session",
    "Spending",
    "Table",
    "Unmatched",
    "Wording",
]

REPLIES = 16
"""No text has more replies than this."""


class Contact(Table):
    """A person's number. Without `number_sealed` and with `opted_out_at` it is the tombstone an erasure leaves.

    `country` and `network` are those of the number (`network` is known where staff gave prices by prefix). `province`
    (of `messages/provinces.yaml`), `district`, `destination` (a country) and `school` are what staff told. `dead_at`:
    the network knows no such number; `blocked_at`: staff want nothing sent to it. `texted_at` and `texted_before_at`
    are when the last two broadcasts were given to it; `asked` is the `broadcast_text` whose question is open.
    """

    __tablename__ = "contact"
    __table_args__ = (Unique("number_key"), SQLITE_STRICT)

    id: Mapped[key]
    number_key: Mapped[blob]
    number_sealed: Mapped[blob | None]
    language: Mapped[word | None]
    opted_out_at: Mapped[moment | None]
    created_at: Mapped[moment]
    seen_at: Mapped[moment]
    country: Mapped[word | None]
    network: Mapped[word | None]
    province: Mapped[word | None]
    district: Mapped[word | None]
    destination: Mapped[word | None]
    school: Mapped[word | None]
    blocked_at: Mapped[moment | None]
    dead_at: Mapped[moment | None]
    texted_at: Mapped[moment | None]
    texted_before_at: Mapped[moment | None]
    asked: Mapped[whole | None]


class ContactTag(Table):
    """A free tag of a person, folded: lower case, single blanks."""

    __tablename__ = "contact_tag"
    __table_args__ = (SQLITE_CLUSTERED,)

    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"), primary_key=True, autoincrement=False)
    tag: Mapped[str] = mapped_column(Text, primary_key=True)


class ContactDay(Table):
    """A day that a series of texts counts from, such as the `departure` of a person; `day` as 2026-12-31."""

    __tablename__ = "contact_day"
    __table_args__ = (SQLITE_CLUSTERED,)

    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[word]


class Session(Table):
    """Where a talk stands: one row per person and medium. `replied` packs the times of the latest replies."""

    __tablename__ = "session"
    __table_args__ = (SQLITE_CLUSTERED,)

    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"), primary_key=True, autoincrement=False)
    medium: Mapped[str] = mapped_column(Text, primary_key=True)
    state_sealed: Mapped[blob]
    replied: Mapped[blob]
    at: Mapped[moment]


class Inbound(Table):
    """A text that came in. The row stays for ever, so that no text is taken twice; all but its keys is emptied."""

    __tablename__ = "inbound"
    __table_args__ = (Unique("provider_key"), SQLITE_STRICT)

    id: Mapped[key]
    provider_key: Mapped[blob]
    contact_id: Mapped[int | None] = mapped_column(Whole, ForeignKey("contact.id"))
    channel: Mapped[word]
    medium: Mapped[word]
    text_sealed: Mapped[blob | None]
    response_sealed: Mapped[blob | None]
    received_at: Mapped[moment]


class Outbound(Table):
    """A text that goes out. `state` is a `services.delivery.State` and never falls.

    The replies to a text have the ids that follow its own (`REPLIES` at most), so that no index need lead to them, and
    they lead to their person through it. Only a text nobody asked for names its `contact_id`.

    A reply that does not leave with the response keeps its number in `to_sealed` while it waits. `due_at`: not before;
    `expires_at`: not after; `lease_until` and `owner`: the worker that holds it; `attempts`: how often it was handed to
    a gateway; `repeats`: how often it may be sent again when nobody knows whether it went; `begin`: parts that have
    gone; `cause`: a `protocol.Cause`, of the last failure. A text of a broadcast keeps its words in
    `broadcast_text_id`, not here.
    """

    __tablename__ = "outbound"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    inbound_id: Mapped[int | None] = mapped_column(Whole, ForeignKey("inbound.id"))
    contact_id: Mapped[int | None] = mapped_column(Whole, ForeignKey("contact.id"))
    channel: Mapped[word]
    text_sealed: Mapped[blob | None]
    parts: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    priority: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    state: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"))
    provider_key: Mapped[blob | None]
    created_at: Mapped[moment]
    to_sealed: Mapped[blob | None]
    due_at: Mapped[moment | None]
    expires_at: Mapped[moment | None]
    lease_until: Mapped[moment | None]
    owner: Mapped[whole | None]
    attempts: Mapped[few]
    repeats: Mapped[few]
    begin: Mapped[few]
    cause: Mapped[word | None]
    broadcast_text_id: Mapped[whole | None]


class Gateway(Table):
    """How a gateway is, for all processes. `paused_until`: it wants nothing before; `next_at`: when its rate allows the
    next text, in microseconds since 1970; `problem`: one line for staff, which names no person."""

    __tablename__ = "gateway"
    __table_args__ = (SQLITE_CLUSTERED,)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused_until: Mapped[moment]
    next_at: Mapped[whole]
    problem: Mapped[word | None]
    changed_at: Mapped[moment]


class Spending(Table):
    """SMS parts sent in a day (UTC) by a gateway to the numbers of a country, against the budgets."""

    __tablename__ = "spending"
    __table_args__ = (SQLITE_CLUSTERED,)

    day: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    parts: Mapped[whole]


class DeliveryReport(Table):
    """What a gateway said became of a text, as it said it, once per status; kept also when the text is unknown."""

    __tablename__ = "delivery_report"
    __table_args__ = (Unique("channel", "provider_key", "status"), SQLITE_STRICT)

    id: Mapped[key]
    channel: Mapped[word]
    provider_key: Mapped[blob]
    status: Mapped[word]
    reference: Mapped[whole | None]
    error: Mapped[word | None]
    received_at: Mapped[moment]


class Escalation(Table):
    """Somebody asked for a person, or for help now. No text: staff open the talk itself."""

    __tablename__ = "escalation"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"))
    kind: Mapped[word]
    opened_at: Mapped[moment]
    closed_at: Mapped[moment | None]


class DailyCount(Table):
    """Texts answered in a day, without a link to anybody. `shard` spreads one count over several rows (PostgreSQL)."""

    __tablename__ = "daily_count"
    __table_args__ = (SQLITE_CLUSTERED,)

    day: Mapped[str] = mapped_column(Text, primary_key=True)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    texts: Mapped[whole]


class Mark(Table):
    """Single facts the house remembers about itself: how far the purge came, which key seals the rows."""

    __tablename__ = "mark"
    __table_args__ = (SQLITE_CLUSTERED,)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[whole]


class AgencyList(Table):
    """Where the list of licensed agencies comes from and which day it speaks of; there is one, or none."""

    __tablename__ = "agency_list"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    source: Mapped[word]
    listed_on: Mapped[word]
    imported_at: Mapped[moment]


class Agency(Table):
    """One line of the list, public as the list is. `countries` are joined by commas."""

    __tablename__ = "agency"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    name_en: Mapped[word]
    name_km: Mapped[word]
    licence: Mapped[word]
    countries: Mapped[word]
    status: Mapped[word]


class Campaign(Table):
    """A campaign whose code is on banners. `phase` is `before` or `after` its events."""

    __tablename__ = "campaign"
    __table_args__ = (SQLITE_CLUSTERED,)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[word]
    phase: Mapped[word]
    created_at: Mapped[moment]


class Membership(Table):
    """Who said yes to the texts of a campaign: when, by which gateway, in which language, to which words (H9).

    `question` is a fingerprint of the question that was answered with yes; `wording` has its words. `how` is sms, ussd,
    paper, spoken or web; `given_by` names who wrote it down, where that was not the person's own phone.
    """

    __tablename__ = "membership"
    __table_args__ = (SQLITE_CLUSTERED,)

    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, ForeignKey("campaign.code"), primary_key=True)
    channel: Mapped[word]
    language: Mapped[word]
    question: Mapped[word]
    joined_at: Mapped[moment]
    how: Mapped[str] = mapped_column(Text, server_default="sms")
    given_by: Mapped[word | None]


class Wording(Table):
    """The words that people said yes to, by their fingerprint."""

    __tablename__ = "wording"
    __table_args__ = (SQLITE_CLUSTERED,)

    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    words: Mapped[word]


class ContactImport(Table):
    """A file of contacts that is being taken in, or was: so that it can go on where it stopped. It holds no person.

    `fingerprint` is of the file and of how it is read; `done` counts its lines that are in; `report` is JSON.
    """

    __tablename__ = "contact_import"
    __table_args__ = (SQLITE_CLUSTERED,)

    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    author: Mapped[word]
    begun_at: Mapped[moment]
    done: Mapped[whole]
    finished_at: Mapped[moment | None]
    report: Mapped[word]


class Unmatched(Table):
    """A text that found no answer. Its words stay sealed in `inbound`; this row goes when they do."""

    __tablename__ = "unmatched"
    __table_args__ = (SQLITE_CLUSTERED,)

    inbound_id: Mapped[int] = mapped_column(Whole, ForeignKey("inbound.id"), primary_key=True, autoincrement=False)
    at: Mapped[moment]

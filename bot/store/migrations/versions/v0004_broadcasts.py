"""Broadcasts: what staff know of contacts, what people said yes to, broadcasts, their recipients and their results."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
small = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")

TOLD = ("country", "network", "province", "district", "destination", "school")
TIMES = ("blocked_at", "dead_at", "texted_at", "texted_before_at", "asked")


def word(name: str, *, need: bool = True) -> sa.Column[Any]:
    """Text."""
    return sa.Column(name, sa.Text, nullable=not need)


def count(name: str, *, need: bool = True) -> sa.Column[Any]:
    """64 bits."""
    return sa.Column(name, whole, nullable=not need)


def few(name: str, **more: Any) -> sa.Column[Any]:
    """16 bits."""
    return sa.Column(name, small, nullable=False, **more)


def part(name: str, kind: Any) -> sa.Column[Any]:
    """A part of the primary key."""
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def of(table: str, column: str, to: str, name: str = "id") -> sa.ForeignKeyConstraint:
    """It names a row of another table."""
    return sa.ForeignKeyConstraint([column], [f"{to}.{name}"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    """Nobody is in a broadcast yet; what people said yes to stays."""
    for name in TOLD:
        op.add_column("contact", word(name, need=False))
    for name in TIMES:
        op.add_column("contact", count(name, need=False))
    op.add_column("membership", sa.Column("how", sa.Text, nullable=False, server_default="sms"))
    op.add_column("membership", word("given_by", need=False))
    op.add_column("outbound", count("broadcast_text_id", need=False))
    _people()
    _broadcasts()
    _results()
    _indexes()


def _people() -> None:
    op.create_table(
        "contact_tag",
        part("contact_id", whole),
        part("tag", sa.Text),
        of("contact_tag", "contact_id", "contact"),
        **CLUSTERED,
    )
    op.create_table(
        "contact_day",
        part("contact_id", whole),
        part("kind", sa.Text),
        word("day"),
        of("contact_day", "contact_id", "contact"),
        **CLUSTERED,
    )
    op.create_table("wording", part("fingerprint", sa.Text), word("words"), **CLUSTERED)
    op.create_table(
        "contact_import",
        part("fingerprint", sa.Text),
        word("author"),
        count("begun_at"),
        count("done"),
        count("finished_at", need=False),
        word("report"),
        **CLUSTERED,
    )


def _broadcasts() -> None:
    op.create_table(
        "broadcast",
        part("id", whole),
        *map(word, ("request", "campaign", "title", "channel", "author")),
        word("approver", need=False),
        few("state"),
        *map(word, ("audience", "counts")),
        count("pace", need=False),
        *map(count, ("created_at", "starts_at", "ends_at")),
        count("expanded_to", need=False),
        few("wave", server_default="0"),
        *(count(name, need=False) for name in ("canary_until", "paused_from")),
        *(word(name, need=False) for name in ("paused_why", "repeats", "origin")),
        count("closed_at", need=False),
        sa.UniqueConstraint("request", name="uq_broadcast_request"),
        of("broadcast", "campaign", "campaign", "code"),
        **STRICT,
    )
    op.create_table(
        "broadcast_text",
        part("id", whole),
        count("broadcast_id"),
        word("language"),
        sa.Column("text_sealed", sa.LargeBinary, nullable=False),
        few("parts"),
        word("opens", need=False),
        sa.UniqueConstraint("broadcast_id", "language", name="uq_broadcast_text_broadcast_id_language"),
        of("broadcast_text", "broadcast_id", "broadcast"),
        **STRICT,
    )
    op.create_table(
        "recipient",
        part("broadcast_id", whole),
        part("country", sa.Text),
        part("wave", small),
        part("contact_id", whole),
        word("language"),
        word("province", need=False),
        word("network", need=False),
        few("parts"),
        few("state", server_default="0"),
        count("outbound_id", need=False),
        **CLUSTERED,
    )


def _results() -> None:
    op.create_table(
        "broadcast_result",
        part("broadcast_id", whole),
        *(part(name, sa.Text) for name in ("province", "language", "channel", "country", "network", "outcome")),
        *map(count, ("recipients", "parts")),
        of("broadcast_result", "broadcast_id", "broadcast"),
        **CLUSTERED,
    )
    op.create_table(
        "broadcast_answer",
        part("broadcast_id", whole),
        *(part(name, sa.Text) for name in ("answer", "province", "language")),
        count("texts"),
        of("broadcast_answer", "broadcast_id", "broadcast"),
        **CLUSTERED,
    )
    op.create_table(
        "broadcast_event",
        part("id", whole),
        *map(count, ("broadcast_id", "at")),
        *map(word, ("who", "act")),
        word("detail", need=False),
        of("broadcast_event", "broadcast_id", "broadcast"),
        **STRICT,
    )
    op.create_table(
        "permit",
        part("broadcast_id", whole),
        part("contact_id", whole),
        *map(word, ("reason", "asked_by")),
        word("granted_by", need=False),
        count("at"),
        of("permit", "broadcast_id", "broadcast"),
        of("permit", "contact_id", "contact"),
        **CLUSTERED,
    )
    op.create_table(
        "series",
        part("name", sa.Text),
        part("campaign", sa.Text),
        *map(word, ("channel", "author")),
        word("approver", need=False),
        word("fingerprint"),
        count("begun_at"),
        count("ended_at", need=False),
        of("series", "campaign", "campaign", "code"),
        **CLUSTERED,
    )


def _some(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rows, postgresql_where=rows)


def _indexes() -> None:
    op.drop_index("ix_outbound_contact_id", "outbound")
    _some(
        "ix_outbound_contact_id",
        "outbound",
        ["contact_id", "broadcast_text_id"],
        "contact_id IS NOT NULL",
        unique=True,
    )
    of_broadcasts = "broadcast_text_id IS NOT NULL"
    _some("ix_outbound_broadcast_text_id", "outbound", ["broadcast_text_id", "state"], of_broadcasts)
    _some("ix_broadcast_open", "broadcast", ["starts_at"], "closed_at IS NULL")
    op.create_index("ix_broadcast_event_broadcast_id", "broadcast_event", ["broadcast_id"])
    op.create_index("ix_contact_day_day", "contact_day", ["kind", "day"])


def downgrade() -> None:
    """Texts of broadcasts that have not gone are not sent: a version of before has no words for them."""
    op.execute("UPDATE outbound SET state = 44 WHERE broadcast_text_id IS NOT NULL AND state < 28")
    op.drop_index("ix_outbound_broadcast_text_id", "outbound")
    op.drop_index("ix_outbound_contact_id", "outbound")
    _some("ix_outbound_contact_id", "outbound", ["contact_id"], "contact_id IS NOT NULL")
    for name in ("series", "permit", "broadcast_event", "broadcast_answer", "broadcast_result", "recipient"):
        op.drop_table(name)
    for name in ("broadcast_text", "broadcast", "contact_import", "wording", "contact_day", "contact_tag"):
        op.drop_table(name)
    op.drop_column("outbound", "broadcast_text_id")
    for name in ("how", "given_by"):
        op.drop_column("membership", name)
    for name in (*TOLD, *TIMES):
        op.drop_column("contact", name)

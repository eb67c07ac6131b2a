"""Cases, who is called out for them, what staff changed, lists on their way in, and what became of texts by day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
small = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def word(name: str, *, need: bool = True, key: bool = False) -> sa.Column[Any]:
    """Text."""
    return sa.Column(name, sa.Text, nullable=not need, primary_key=key)


def count(name: str, *, need: bool = True) -> sa.Column[Any]:
    """64 bits."""
    return sa.Column(name, whole, nullable=not need)


def some(name: str) -> sa.Column[Any]:
    """64 bits, or nothing."""
    return count(name, need=False)


def box(name: str, *, need: bool = False) -> sa.Column[Any]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary, nullable=not need)


def key(name: str = "id") -> sa.Column[Any]:
    """The key, or a part of it."""
    return sa.Column(name, whole, primary_key=True, autoincrement=False)


def few(name: str) -> sa.Column[Any]:
    """A small count."""
    return sa.Column(name, small, nullable=False, server_default="0")


def upgrade() -> None:
    """What is open becomes a case each."""
    _cases()
    _content_and_lists()
    _indexes()
    op.execute(
        "INSERT INTO case_file (id, contact_id, kind, opened_at, news_at, alert_at) "
        "SELECT MIN(id), contact_id, CASE MIN(CASE kind WHEN 'emergency' THEN 1 WHEN 'person' THEN 2 ELSE 3 END) "
        "WHEN 1 THEN 'emergency' WHEN 2 THEN 'person' ELSE 'loop' END, MIN(opened_at), MAX(opened_at), "
        "MAX(CASE kind WHEN 'emergency' THEN opened_at END) "
        "FROM escalation WHERE closed_at IS NULL GROUP BY contact_id"
    )


def _cases() -> None:
    op.create_table(
        "case_file",
        key(),
        count("contact_id"),
        word("kind"),
        *map(count, ("opened_at", "news_at")),
        *map(some, ("acknowledged_at", "assigned", "locked_by", "locked_until")),
        few("alerts"),
        *map(some, ("alert_at", "waits_until", "closed_at")),
        *(word(name, need=False) for name in ("outcome", "referred")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_case_file_contact_id"),
        **STRICT,
    )
    op.create_table(
        "case_note",
        key(),
        count("case_id"),
        some("staff_id"),
        count("at"),
        word("kind"),
        word("word", need=False),
        box("text_sealed"),
        some("outbound_id"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_note_case_id"),
        **STRICT,
    )
    op.create_table(
        "duty_phone",
        key(),
        word("owner"),
        *(box(name, need=True) for name in ("number_key", "number_sealed")),
        *map(word, ("channel", "language")),
        few("turn"),
        count("added_at"),
        some("disabled_at"),
        **STRICT,
    )


def _content_and_lists() -> None:
    op.create_table(
        "content_change",
        key(),
        *map(word, ("kind", "name")),
        word("value", need=False),
        some("staff_id"),
        word("who"),
        count("at"),
        some("undone_at"),
        word("undone_by", need=False),
        **STRICT,
    )
    op.create_table(
        "upload",
        key(),
        count("staff_id"),
        word("who"),
        *map(count, ("at", "parts")),
        word("how"),
        *map(some, ("confirmed_at", "finished_at")),
        word("told", need=False),
        **STRICT,
    )
    op.create_table(
        "upload_part",
        key("upload_id"),
        key("part"),
        box("sealed", need=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name="fk_upload_part_upload_id"),
        **CLUSTERED,
    )
    op.create_table(
        "daily_outcome",
        *(word(name, key=True) for name in ("day", "channel", "outcome")),
        sa.Column("shard", small, primary_key=True, autoincrement=False),
        count("texts"),
        **CLUSTERED,
    )


def _part(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    """An index over part of the rows."""
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=rows, postgresql_where=rows)


def _indexes() -> None:
    is_open = "closed_at IS NULL"
    _part("ix_case_file_contact_id", "case_file", ["contact_id"], is_open, unique=True)
    _part("ix_case_file_open", "case_file", ["kind", "news_at", "id"], is_open)
    _part("ix_case_file_assigned", "case_file", ["assigned", "news_at", "id"], f"{is_open} AND assigned IS NOT NULL")
    _part("ix_case_file_waits", "case_file", ["waits_until", "id"], f"{is_open} AND waits_until IS NOT NULL")
    _part("ix_case_file_alert_at", "case_file", ["alert_at"], "alert_at IS NOT NULL")
    _part("ix_case_file_closed_at", "case_file", ["closed_at", "id"], "closed_at IS NOT NULL")
    op.create_index("ix_case_file_contact_id_opened_at", "case_file", ["contact_id", "opened_at"])
    op.create_index("ix_case_note_case_id", "case_note", ["case_id"])
    op.create_index("ix_escalation_person", "escalation", ["contact_id"])
    op.create_index("ix_content_change_kind_name", "content_change", ["kind", "name"])
    for column in ("province", "destination"):
        _part(f"ix_contact_{column}", "contact", [column, "id"], f"{column} IS NOT NULL")
    op.create_index("ix_contact_tag_tag", "contact_tag", ["tag", "contact_id"])
    op.create_index("ix_membership_code", "membership", ["code", "contact_id"])


def downgrade() -> None:
    """A version of before knows what is open by `escalation`, which stays; what was done about it is forgotten."""
    names = ("daily_outcome", "upload_part", "upload", "content_change", "duty_phone", "case_note", "case_file")
    for name in names:
        op.drop_table(name)
    for name in ("contact_province", "contact_destination", "contact_tag_tag", "membership_code", "escalation_person"):
        op.drop_index(f"ix_{name}")

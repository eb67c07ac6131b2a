"""Staff: who may come in, who is in, who tried, and what was done."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
small = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def word(name: str, *, need: bool = True) -> sa.Column[Any]:
    """Text."""
    return sa.Column(name, sa.Text, nullable=not need)


def count(name: str, *, need: bool = True) -> sa.Column[Any]:
    """64 bits."""
    return sa.Column(name, whole, nullable=not need)


def box(name: str, *, need: bool = False) -> sa.Column[Any]:
    """Bytes."""
    return sa.Column(name, sa.LargeBinary, nullable=not need)


def upgrade() -> None:
    """Nobody may come in yet."""
    op.create_table(
        "staff",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        *map(word, ("name", "folded", "role")),
        word("password", need=False),
        box("totp_sealed"),
        count("totp_step", need=False),
        word("recovery"),
        word("language", need=False),
        box("welcome"),
        count("welcome_until", need=False),
        *map(count, ("created_at", "changed_at")),
        count("disabled_at", need=False),
        sa.UniqueConstraint("folded", name="uq_staff_folded"),
        **STRICT,
    )
    op.create_table(
        "staff_session",
        sa.Column("token", sa.LargeBinary, primary_key=True),
        *map(count, ("staff_id", "created_at", "seen_at", "until", "proved_at")),
        box("offered_sealed"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_session_staff_id"),
        **CLUSTERED,
    )
    op.create_table(
        "login_try",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("tries", small, nullable=False, server_default="0"),
        *map(count, ("at", "locked_until")),
        **CLUSTERED,
    )
    op.create_table(
        "audit",
        sa.Column("seq", whole, primary_key=True, autoincrement=False),
        count("at"),
        word("who", need=False),
        count("staff_id", need=False),
        word("act"),
        word("about", need=False),
        count("about_id", need=False),
        word("detail"),
        *map(box, ("why_sealed", "why_hash")),
        *(box(name, need=True) for name in ("previous", "chained")),
        **STRICT,
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    some = sa.text("about_id IS NOT NULL")
    op.create_index("ix_audit_about_about_id", "audit", ["about", "about_id"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """A version of before knows no staff. What was done is forgotten with it, and so are the ends of its chain."""
    op.execute("DELETE FROM mark WHERE name IN ('audit_begin', 'audit_end')")
    for name in ("audit", "login_try", "staff_session", "staff"):
        op.drop_table(name)

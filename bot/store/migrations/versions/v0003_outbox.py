"""The outbox: what a text that waits needs, how each gateway is, and what was spent."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
small = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")

WAITING = ("due_at", "expires_at", "lease_until", "owner")
COUNTS = ("attempts", "repeats", "begin")


def upgrade() -> None:
    """Texts so far left with the response to the one they answer: their gateway has them. A text nobody asked for that
    still waits has no end, as none was kept: it is not sent."""
    op.add_column("outbound", sa.Column("to_sealed", sa.LargeBinary))
    for name in WAITING:
        op.add_column("outbound", sa.Column(name, whole))
    for name in COUNTS:
        op.add_column("outbound", sa.Column(name, small, nullable=False, server_default="0"))
    op.add_column("outbound", sa.Column("cause", sa.Text))
    op.execute("UPDATE outbound SET state = 30 WHERE state < 30 AND inbound_id IS NOT NULL")
    op.execute("UPDATE outbound SET state = 42 WHERE state < 28")
    due = sa.text("state < 28")
    op.create_index(
        "ix_outbound_due",
        "outbound",
        ["channel", "state", "priority", "due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )
    op.create_table(
        "gateway",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("paused_until", whole, nullable=False),
        sa.Column("next_at", whole, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("changed_at", whole, nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "spending",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("country", sa.Text, primary_key=True),
        sa.Column("parts", whole, nullable=False),
        **CLUSTERED,
    )


def downgrade() -> None:
    """What waits stays, as a text that nobody sends."""
    op.drop_table("spending")
    op.drop_table("gateway")
    op.drop_index("ix_outbound_due", "outbound")
    for name in ("to_sealed", *WAITING, *COUNTS, "cause"):
        op.drop_column("outbound", name)

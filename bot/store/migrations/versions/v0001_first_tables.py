"""The first tables: people and their talks, texts in and out, reports, escalations, counts, marks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
small = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    people()
    texts()
    reports()
    house()


def people() -> None:
    """Contacts, where their talks stand, and who of them waits for a person."""
    op.create_table(
        "contact",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("number_key", sa.LargeBinary, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary),
        sa.Column("language", sa.Text),
        sa.Column("opted_out_at", whole),
        sa.Column("created_at", whole, nullable=False),
        sa.Column("seen_at", whole, nullable=False),
        sa.UniqueConstraint("number_key"),
        **STRICT,
    )
    op.create_table(
        "session",
        sa.Column("contact_id", whole, sa.ForeignKey("contact.id"), primary_key=True, autoincrement=False),
        sa.Column("medium", sa.Text, primary_key=True),
        sa.Column("state_sealed", sa.LargeBinary, nullable=False),
        sa.Column("replied", sa.LargeBinary, nullable=False),
        sa.Column("at", whole, nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "escalation",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("contact_id", whole, sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("opened_at", whole, nullable=False),
        sa.Column("closed_at", whole),
        **STRICT,
    )
    index("escalation", "contact_id", "kind", where="closed_at IS NULL", unique=True)


def texts() -> None:
    """Texts that came in and texts that go out."""
    op.create_table(
        "inbound",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("provider_key", sa.LargeBinary, nullable=False),
        sa.Column("contact_id", whole, sa.ForeignKey("contact.id")),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("medium", sa.Text, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary),
        sa.Column("response_sealed", sa.LargeBinary),
        sa.Column("received_at", whole, nullable=False),
        sa.UniqueConstraint("provider_key"),
        **STRICT,
    )
    index("inbound", "contact_id", where="contact_id IS NOT NULL")
    op.create_table(
        "outbound",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("inbound_id", whole, sa.ForeignKey("inbound.id")),
        sa.Column("contact_id", whole, sa.ForeignKey("contact.id")),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary),
        sa.Column("parts", small, nullable=False),
        sa.Column("priority", small, nullable=False),
        sa.Column("state", small, nullable=False),
        sa.Column("provider_key", sa.LargeBinary),
        sa.Column("created_at", whole, nullable=False),
        **STRICT,
    )
    index("outbound", "contact_id", where="contact_id IS NOT NULL")
    index("outbound", "provider_key", where="provider_key IS NOT NULL", unique=True)


def reports() -> None:
    """What gateways said became of texts."""
    op.create_table(
        "delivery_report",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("provider_key", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reference", whole),
        sa.Column("error", sa.Text),
        sa.Column("received_at", whole, nullable=False),
        sa.UniqueConstraint("channel", "provider_key", "status"),
        **STRICT,
    )


def house() -> None:
    """Counts without people, and marks the house makes for itself."""
    op.create_table(
        "daily_count",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("country", sa.Text, primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("shard", small, primary_key=True, autoincrement=False),
        sa.Column("texts", whole, nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "mark",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", whole, nullable=False),
        **CLUSTERED,
    )


def index(table: str, *columns: str, where: str, unique: bool = False) -> None:
    """An index over part of the rows, named after its first column."""
    part = sa.text(where)
    name = f"ix_{table}_{columns[0]}"
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=part, postgresql_where=part)


def downgrade() -> None:
    """Drop every table."""
    for table in ("mark", "daily_count", "delivery_report", "outbound", "inbound", "escalation", "session", "contact"):
        op.drop_table(table)

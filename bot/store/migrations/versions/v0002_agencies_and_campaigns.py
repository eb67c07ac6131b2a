"""Licensed agencies, campaigns and who joined them, and texts that found no answer."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}

whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the new tables."""
    agencies()
    campaigns()
    op.create_table(
        "unmatched",
        sa.Column("inbound_id", whole, sa.ForeignKey("inbound.id"), primary_key=True, autoincrement=False),
        sa.Column("at", whole, nullable=False),
        **CLUSTERED,
    )


def agencies() -> None:
    """The list of licensed agencies and where it comes from."""
    op.create_table(
        "agency_list",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("listed_on", sa.Text, nullable=False),
        sa.Column("imported_at", whole, nullable=False),
        **STRICT,
    )
    op.create_table(
        "agency",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("name_en", "name_km", "licence", "countries", "status")
        ),
        **STRICT,
    )


def campaigns() -> None:
    """Campaigns and who joined them."""
    op.create_table(
        "campaign",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("created_at", whole, nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "membership",
        sa.Column("contact_id", whole, sa.ForeignKey("contact.id"), primary_key=True, autoincrement=False),
        sa.Column("code", sa.Text, sa.ForeignKey("campaign.code"), primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("joined_at", whole, nullable=False),
        **CLUSTERED,
    )


def downgrade() -> None:
    """Drop the new tables."""
    for table in ("unmatched", "membership", "campaign", "agency", "agency_list"):
        op.drop_table(table)

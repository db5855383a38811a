"""Notes on cards and concepts, flags, and cards buried for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the notes, and give every card a flag that is down and no day on which it is buried."""
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card_id", sa.Text, sa.ForeignKey("cards.id"), unique=True),
        sa.Column("concept", sa.Text),
        sa.Column("concept_key", sa.Text, unique=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.CheckConstraint("(card_id IS NULL) <> (concept IS NULL)", name="notes_of_one_thing"),
        sa.CheckConstraint("(concept IS NULL) = (concept_key IS NULL)", name="notes_have_a_key"),
    )
    op.add_column("cards", sa.Column("flagged", sa.Boolean, nullable=False, server_default="0"))
    op.add_column("cards", sa.Column("buried_on", sa.Text))

"""Sources, documents, cards, states and the append-only review log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, the triggers that guard the log, and the bundled documents as the first source."""
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id", ondelete="SET NULL")),
        sa.Column("path", sa.Text, nullable=False, unique=True),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("read_at_ns", sa.Integer, nullable=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("gone_at", sa.Text),
    )
    op.create_table(
        "cards",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("initial_interval_days", sa.Integer, nullable=False),
        sa.Column("initial_ease", sa.Float, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("front", sa.Text, nullable=False),
        sa.Column("first_front", sa.Text, nullable=False),
        sa.Column("explicit_id", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("suspended", sa.Boolean, nullable=False),
        sa.Column("archived_at", sa.Text),
    )
    op.create_index("ix_cards_document_id", "cards", ["document_id"])
    op.create_table(
        "states",
        sa.Column("card_id", sa.Text, sa.ForeignKey("cards.id"), primary_key=True),
        sa.Column("repetitions", sa.Integer, nullable=False),
        sa.Column("interval_days", sa.Integer, nullable=False),
        sa.Column("ease_factor", sa.Float, nullable=False),
        sa.Column("due", sa.Text),
        sa.Column("lapses", sa.Integer, nullable=False),
        sa.Column("answered_well", sa.Boolean, nullable=False),
        sa.Column("last_quality", sa.Integer),
        sa.Column("last_study_day", sa.Text),
    )
    _create_reviews()
    op.execute("INSERT INTO sources (path) VALUES ('bundled')")


def _create_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card_id", sa.Text, sa.ForeignKey("cards.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reviewed_at", sa.Text, nullable=False),
        sa.Column("study_day", sa.Text, nullable=False),
        sa.Column("quality", sa.Integer),
        sa.Column("seconds", sa.Float, nullable=False),
        *[column for side in ("before", "after") for column in _state_columns(side)],
        sa.Column("initial_interval_days", sa.Integer, nullable=False),
        sa.Column("scheduler", sa.Text, nullable=False),
        sa.Column("scheduler_version", sa.Integer, nullable=False),
        sa.Column("undoes", sa.Integer, sa.ForeignKey("reviews.id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_card_id", "reviews", ["card_id"])
    op.create_index("ix_reviews_study_day", "reviews", ["study_day"])
    op.create_index("ix_reviews_undoes", "reviews", ["undoes"], unique=True)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the review log is append-only'); END"
    op.execute(f"CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews {refuse}")
    op.execute(f"CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews {refuse}")
    # INSERT OR REPLACE deletes the old row without asking the trigger above.
    op.execute(
        "CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews "
        f"WHEN EXISTS (SELECT 1 FROM reviews WHERE id = NEW.id OR undoes = NEW.undoes) {refuse}"
    )


def _state_columns(side: str) -> list[sa.Column[object]]:
    return [
        sa.Column(f"{side}_repetitions", sa.Integer, nullable=False),
        sa.Column(f"{side}_interval_days", sa.Integer, nullable=False),
        sa.Column(f"{side}_ease_factor", sa.Float, nullable=False),
        sa.Column(f"{side}_due", sa.Text),
        sa.Column(f"{side}_lapses", sa.Integer, nullable=False),
    ]

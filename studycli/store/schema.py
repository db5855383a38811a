"""The tables: sources, documents, cards, their states, the learner's notes, and the append-only review log."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("sources.id", ondelete="SET NULL")),
    Column("path", Text, nullable=False, unique=True),
    Column("slug", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("read_at_ns", Integer, nullable=False),
    Column("reader", Text, nullable=False),
    Column("problem", Text),
    Column("gone_at", Text),
)

cards = Table(
    "cards",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document_id", Integer, ForeignKey("documents.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("after", Text, nullable=False),
    Column("initial_interval_days", Integer, nullable=False),
    Column("initial_ease", Float, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("front", Text, nullable=False),
    Column("first_front", Text, nullable=False),
    Column("explicit_id", Text),
    Column("payload", Text, nullable=False),
    Column("suspended", Boolean, nullable=False),
    Column("archived_at", Text),
    Column("flagged", Boolean, nullable=False, server_default="0"),
    Column("buried_on", Text),
    Index("ix_cards_place", "document_id", "line", "number", "position", "id"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card_id", Text, ForeignKey("cards.id"), unique=True),
    Column("concept", Text),
    Column("concept_key", Text, unique=True),
    Column("text", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    CheckConstraint("(card_id IS NULL) <> (concept IS NULL)", name="notes_of_one_thing"),
    CheckConstraint("(concept IS NULL) = (concept_key IS NULL)", name="notes_have_a_key"),
)

states = Table(
    "states",
    metadata,
    Column("card_id", Text, ForeignKey("cards.id"), primary_key=True),
    Column("repetitions", Integer, nullable=False),
    Column("interval_days", Integer, nullable=False),
    Column("ease_factor", Float, nullable=False),
    Column("due", Text),
    Column("lapses", Integer, nullable=False),
    Column("answered_well", Boolean, nullable=False),
    Column("last_quality", Integer),
    Column("last_study_day", Text),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card_id", Text, ForeignKey("cards.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("reviewed_at", Text, nullable=False),
    Column("study_day", Text, nullable=False, index=True),
    Column("quality", Integer),
    Column("seconds", Float, nullable=False),
    Column("before_repetitions", Integer, nullable=False),
    Column("before_interval_days", Integer, nullable=False),
    Column("before_ease_factor", Float, nullable=False),
    Column("before_due", Text),
    Column("before_lapses", Integer, nullable=False),
    Column("after_repetitions", Integer, nullable=False),
    Column("after_interval_days", Integer, nullable=False),
    Column("after_ease_factor", Float, nullable=False),
    Column("after_due", Text),
    Column("after_lapses", Integer, nullable=False),
    Column("initial_interval_days", Integer, nullable=False),
    Column("scheduler", Text, nullable=False),
    Column("scheduler_version", Integer, nullable=False),
    Column("undoes", Integer, ForeignKey("reviews.id")),
    Index("ix_reviews_undoes", "undoes", unique=True),
    sqlite_autoincrement=True,
)

concepts = Table(
    "concepts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer, ForeignKey("documents.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("slug", Text, nullable=False),
    Column("map", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("aliases", Text, nullable=False),
    Column("definition", Text),
    Index("ix_concepts_place", "document_id", "position"),
)

# What filters ask of a card, and the number by which the full-text index `search` knows a card, note or concept;
# triggers alone write here.
search_entries = Table(
    "search_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card_id", Text, unique=True),
    Column("note_id", Integer, unique=True),
    Column("concept_id", Integer, unique=True),
    Column("subject", Integer),
    Column("document_id", Integer),
    Column("position", Integer),
    Column("difficulty", Text),
    Column("level", Text),
    Column("critical", Boolean),
    Column("demo", Boolean),
    Column("claim", Boolean),
    Column("initial_ease", Float),
    Column("suspended", Boolean),
    Column("flagged", Boolean),
    Column("buried_on", Text),
    Column("archived", Boolean),
    Column("due", Text),
    Column("repetitions", Integer),
    Column("interval_days", Integer),
    Column("ease_factor", Float),
    Column("lapses", Integer),
    Index("ix_search_entries_place", "document_id", "position", "id"),
)

"""Full-text search: the concepts of the maps, an index over cards, notes and concepts, and what keeps it true."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TEXTS = "title, front, body, more, concept, tags, deck"
_PARTS = (
    "(SELECT group_concat(json_extract(value, '$.title') || ' ' || json_extract(value, '$.text'), ' ')"
    " FROM json_each(c.payload, '$.parts'))"
)
_VIEWS = {
    "search_cards": f"""
        SELECT e.id, c.id AS card_id, c.document_id,
            json_extract(c.payload, '$.title') AS title,
            json_extract(c.payload, '$.front') AS front,
            json_extract(c.payload, '$.back') AS body,
            {_PARTS} AS more,
            json_extract(c.payload, '$.concept') AS concept,
            json_extract(c.payload, '$.tags') AS tags,
            d.slug || ' ' || d.title AS deck
        FROM cards c JOIN search_entries e ON e.card_id = c.id JOIN documents d ON d.id = c.document_id""",
    "search_notes": """
        SELECT e.id, n.id AS note_id, NULL AS title, n.text AS front, NULL AS body, NULL AS more,
            n.concept AS concept, NULL AS tags, NULL AS deck
        FROM notes n JOIN search_entries e ON e.note_id = n.id""",
    "search_concepts": """
        SELECT e.id, k.id AS concept_id, k.name AS title, NULL AS front, k.definition AS body, NULL AS more,
            k.name || ' ' || (SELECT coalesce(group_concat(value, ' '), '') FROM json_each(k.aliases)) AS concept,
            NULL AS tags, NULL AS deck
        FROM concepts k JOIN search_entries e ON e.concept_id = k.id""",
}
_FACTS = {
    "document_id": "{0}.document_id",
    "position": "{0}.position",
    "difficulty": "json_extract({0}.payload, '$.difficulty')",
    "level": "lower(json_extract({0}.payload, '$.cognitive_level'))",
    "critical": "json_extract({0}.payload, '$.critical')",
    "demo": "json_extract({0}.payload, '$.demo') IS NOT NULL",
    "claim": "json_array_length({0}.payload, '$.claims') > 0",
    "initial_ease": "{0}.initial_ease",
    "suspended": "{0}.suspended",
    "flagged": "{0}.flagged",
    "buried_on": "{0}.buried_on",
    "archived": "{0}.archived_at IS NOT NULL",
}
_STATE = ("due", "repetitions", "interval_days", "ease_factor", "lapses")


def upgrade() -> None:
    """Create the tables, the index and its triggers, and fill it from what the store holds."""
    _create_tables()
    for name, select in _VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select}")
    # The texts stay where they are: an index with a copy of its own would be twice as large.
    op.execute(
        f"CREATE VIRTUAL TABLE search USING fts5({_TEXTS}, content='', tokenize=\"unicode61 remove_diacritics 2\")"
    )
    state = ", ".join(f"s.{name}" for name in _STATE)
    op.execute(
        f"INSERT INTO search_entries (card_id, {', '.join((*_FACTS, *_STATE))})"
        f" SELECT c.id, {_facts('c')}, {state} FROM cards c LEFT JOIN states s ON s.card_id = c.id"
    )
    op.execute(
        "INSERT INTO search_entries (note_id, subject) SELECT n.id, e.id"
        " FROM notes n LEFT JOIN search_entries e ON e.card_id = n.card_id"
    )
    for view in _VIEWS:
        op.execute(f"INSERT INTO search (rowid, {_TEXTS}) SELECT id, {_TEXTS} FROM {view}")
    _keep_cards()
    _keep_states()
    _keep_notes()
    _keep_concepts()
    # Cards are asked in this order: the first new one of a large deck is found without sorting it.
    op.drop_index("ix_cards_document_id", "cards")
    op.create_index("ix_cards_place", "cards", ["document_id", "line", "number", "position", "id"])
    # A map that was read before has left no concepts here: its reader is unknown, so that it is read again.
    op.execute("UPDATE documents SET reader = '' WHERE kind = 'concept_map'")


def _create_tables() -> None:
    op.create_table(
        "concepts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("document_id", sa.Integer, sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("map", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("definition", sa.Text),
    )
    op.create_index("ix_concepts_place", "concepts", ["document_id", "position"])
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card_id", sa.Text, unique=True),
        sa.Column("note_id", sa.Integer, unique=True),
        sa.Column("concept_id", sa.Integer, unique=True),
        sa.Column("subject", sa.Integer),
        sa.Column("document_id", sa.Integer),
        sa.Column("position", sa.Integer),
        sa.Column("difficulty", sa.Text),
        sa.Column("level", sa.Text),
        sa.Column("critical", sa.Boolean),
        sa.Column("demo", sa.Boolean),
        sa.Column("claim", sa.Boolean),
        sa.Column("initial_ease", sa.Float),
        sa.Column("suspended", sa.Boolean),
        sa.Column("flagged", sa.Boolean),
        sa.Column("buried_on", sa.Text),
        sa.Column("archived", sa.Boolean),
        sa.Column("due", sa.Text),
        sa.Column("repetitions", sa.Integer),
        sa.Column("interval_days", sa.Integer),
        sa.Column("ease_factor", sa.Float),
        sa.Column("lapses", sa.Integer),
    )
    op.create_index("ix_search_entries_place", "search_entries", ["document_id", "position", "id"])


def _facts(row: str) -> str:
    return ", ".join(fact.format(row) for fact in _FACTS.values())


def _keep_cards() -> None:
    written = "NEW.payload IS NOT OLD.payload OR NEW.document_id <> OLD.document_id"
    entry = f"INSERT INTO search_entries (card_id, {', '.join(_FACTS)}) VALUES (NEW.id, {_facts('NEW')});"
    placed = ", ".join(f"{name} = {fact.format('NEW')}" for name, fact in _FACTS.items())
    _trigger("cards_insert", "AFTER INSERT ON cards", entry + _add("search_cards", "card_id = NEW.id"))
    _trigger(
        "cards_before", f"BEFORE UPDATE OF payload, document_id ON cards WHEN {written}",
        _drop("search_cards", "card_id = OLD.id"),
    )  # fmt: skip
    _trigger(
        "cards_after", f"AFTER UPDATE OF payload, document_id ON cards WHEN {written}",
        _add("search_cards", "card_id = NEW.id"),
    )  # fmt: skip
    _trigger("cards_facts", "AFTER UPDATE ON cards", f"UPDATE search_entries SET {placed} WHERE card_id = NEW.id;")
    _trigger("cards_delete", "BEFORE DELETE ON cards", _remove("search_cards", "card_id"))
    named = "UPDATE OF slug, title ON documents WHEN NEW.slug <> OLD.slug OR NEW.title <> OLD.title"
    _trigger("documents_before", f"BEFORE {named}", _drop("search_cards", "document_id = OLD.id"))
    _trigger("documents_after", f"AFTER {named}", _add("search_cards", "document_id = NEW.id"))


def _keep_states() -> None:
    """A grade changes one row of facts; the index of words does not know of it."""
    copied = ", ".join(f"{name} = NEW.{name}" for name in _STATE)
    forgotten = ", ".join(f"{name} = NULL" for name in _STATE)
    for event in ("INSERT", "UPDATE"):
        _trigger(
            f"states_{event.lower()}", f"AFTER {event} ON states",
            f"UPDATE search_entries SET {copied} WHERE card_id = NEW.card_id;",
        )  # fmt: skip
    _trigger(
        "states_delete", "AFTER DELETE ON states",
        f"UPDATE search_entries SET {forgotten} WHERE card_id = OLD.card_id;",
    )  # fmt: skip


def _keep_notes() -> None:
    entry = (
        "INSERT INTO search_entries (note_id, subject)"
        " VALUES (NEW.id, (SELECT id FROM search_entries WHERE card_id = NEW.card_id));"
    )
    _trigger("notes_insert", "AFTER INSERT ON notes", entry + _add("search_notes", "note_id = NEW.id"))
    _trigger("notes_before", "BEFORE UPDATE ON notes", _drop("search_notes", "note_id = OLD.id"))
    _trigger("notes_after", "AFTER UPDATE ON notes", _add("search_notes", "note_id = NEW.id"))
    _trigger("notes_delete", "BEFORE DELETE ON notes", _remove("search_notes", "note_id"))


def _keep_concepts() -> None:
    entry = "INSERT INTO search_entries (concept_id, document_id) VALUES (NEW.id, NEW.document_id);"
    _trigger("concepts_insert", "AFTER INSERT ON concepts", entry + _add("search_concepts", "concept_id = NEW.id"))
    _trigger("concepts_before", "BEFORE UPDATE ON concepts", _drop("search_concepts", "concept_id = OLD.id"))
    _trigger("concepts_after", "AFTER UPDATE ON concepts", _add("search_concepts", "concept_id = NEW.id"))
    _trigger("concepts_delete", "BEFORE DELETE ON concepts", _remove("search_concepts", "concept_id"))


def _trigger(name: str, event: str, statements: str) -> None:
    op.execute(f"CREATE TRIGGER search_{name} {event} BEGIN {statements} END")


def _add(view: str, where: str) -> str:
    return f"INSERT INTO search (rowid, {_TEXTS}) SELECT id, {_TEXTS} FROM {view} WHERE {where};"


def _drop(view: str, where: str) -> str:
    """An index without texts of its own is told what to forget, word for word: so this runs before a change."""
    return f"INSERT INTO search (search, rowid, {_TEXTS}) SELECT 'delete', id, {_TEXTS} FROM {view} WHERE {where};"


def _remove(view: str, owner: str) -> str:
    return _drop(view, f"{owner} = OLD.id") + f"DELETE FROM search_entries WHERE {owner} = OLD.id;"

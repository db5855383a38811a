"""Glance: the question that a review asks first, found without loading what a session needs."""

from __future__ import annotations

import graphlib
import json
import re
import sqlite3
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from studycli.model.slug import unnumbered
from studycli.store import location, migrations

if TYPE_CHECKING:
    from studycli.config import Settings

LONGEST_SECONDS = 0.3
"""A look that computes longer than this is given up; on a busy machine it may wait longer for its turn."""

_FEW = 2000
_MOST_LISTED = (256, 4096)
_LOCK_SECONDS = 0.02
_STEPS_BETWEEN_LOOKS_AT_THE_CLOCK = 10_000
_COMPUTED = re.compile(r"\{\{ ?compute ?:")
_SHARE = "(julianday(:today) - julianday(s.due)) / max(1.0, s.interval_days)"
_DUE = "s.due > '' AND s.due <= :today"
_ACTIVE = "NOT c.suspended AND c.archived_at IS NULL AND c.buried_on IS NOT :today"
_PLACE = "c.document_id, c.line, c.number, c.position, c.id"


@dataclass(frozen=True, slots=True)
class Glance:
    """A question as far as it is drawn: what its header shows, and `front` (Markdown).

    `new`: its first answer ever. `repeat`: an extra pass. `is_computed`: the front has templates that must be filled
    before it is shown.
    """

    card_id: str
    deck: str
    deck_title: str
    number: int
    variant: str
    title: str
    concept: str | None
    difficulty: str | None
    cognitive_level: str | None
    critical: bool
    flagged: bool
    front: str
    new: bool
    repeat: bool
    is_computed: bool


def glance(settings: Settings, today: date, decks: Sequence[str] = ()) -> Glance | None:
    """The first question of a review of these decks, or of all, on the study day `today`; the documents aren't read.

    None where there is none, and where it can't be told quickly: a database of another revision, a name that is no
    deck's slug or title, cards that wait for each other in a circle. Writes nothing, waits for nobody, never raises.
    """
    try:
        path = location.database_path(settings.database)
        uri = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)) as connection:
            end = time.thread_time() + LONGEST_SECONDS
            connection.set_progress_handler(lambda: time.thread_time() > end, _STEPS_BETWEEN_LOOKS_AT_THE_CLOCK)
            connection.execute("BEGIN")  # one view of the database for all the questions below
            if connection.execute("SELECT version_num FROM alembic_version").fetchall() != [(migrations.HEAD,)]:
                return None
            return _Look(connection, today, decks).first(settings)
    except Exception:  # whatever is wrong, the session meets it too and says so
        return None


class _UntoldError(Exception):
    """What comes first can't be told here."""


class _Look:
    """One look at the documents of the decks that were named, or at all."""

    def __init__(self, connection: sqlite3.Connection, today: date, decks: Sequence[str]) -> None:
        self._connection = connection
        self._day = today.isoformat()
        self._is_all = not decks
        self._order = self._documents(decks)

    def first(self, settings: Settings) -> Glance | None:
        """A due card, else a new one whose gates are open, else an extra pass; as far as the day's limits allow."""
        new, reviews = self._done_today()
        card_id, is_new, is_repeat = None, False, False
        if reviews < settings.reviews_per_day:
            card_id = self._most_overdue()
        if card_id is None and new < settings.new_per_day:
            card_id = self._first_new(gating=settings.gating)
            is_new = card_id is not None
        if card_id is None:
            card_id = self._first_pass()
            is_repeat = card_id is not None
        return None if card_id is None else self._drawn(card_id, is_new, is_repeat)

    def _rows(self, statement: str, **values: object) -> Iterator[Any]:
        return self._connection.execute(statement, {"today": self._day, **values})

    def _documents(self, names: Sequence[str]) -> dict[int, int]:
        """The documents to look at: the id of each, and its place in document order."""
        found = list(
            self._rows("SELECT id, slug, title, kind FROM documents WHERE gone_at IS NULL ORDER BY source_id, path")
        )
        decks = [(slug, title) for _, slug, title, kind in found if kind == "flashcards"]
        slugs = {_slug(name, decks) for name in names}
        return {row[0]: place for place, row in enumerate(found) if self._is_all or row[1] in slugs}

    def _done_today(self) -> tuple[int, int]:
        """How many new cards and how many reviews the day had; extra passes and what was undone don't count."""
        ((new, reviews),) = self._rows(
            "SELECT count(*) FILTER (WHERE before_due IS NULL), count(before_due) FROM reviews AS r "
            "WHERE kind = 'review' AND study_day = :today "
            "AND NOT EXISTS (SELECT 1 FROM reviews AS undo WHERE undo.undoes = r.id)"
        )
        return new, reviews

    def _most_overdue(self) -> str | None:
        """The due card that is latest, in intervals; the first in document order among equals."""
        if self._are_few():
            return self._most_overdue_of_all()
        # States are small beside cards, so they are read first: this is what a look at 100,000 cards costs.
        for most in _MOST_LISTED:
            rows = list(
                self._rows(
                    f"SELECT {_ACTIVE}, s.share, {_PLACE} FROM (SELECT card_id, {_SHARE} AS share FROM states AS s "
                    f"WHERE {_DUE} ORDER BY share DESC LIMIT :most) AS s CROSS JOIN cards c ON c.id = s.card_id",
                    most=most,
                )
            )
            is_cut = len(rows) == most
            asked = [row[1:] for row in rows if row[0] and row[2] in self._order]
            if asked:
                first = min(asked, key=self._by_share)
                # Past the cut there may be more that are as late, and come first in their documents.
                is_sure = not is_cut or first[0] > min(row[1] for row in rows)
                return str(first[-1]) if is_sure else self._first_as_late(first[0])
            if not is_cut:
                return None
        return self._most_overdue_of_all()

    def _are_few(self) -> bool:
        counted = "SELECT count(*) FROM (SELECT 1 FROM cards"
        within = " WHERE document_id IN (SELECT value FROM json_each(:documents))"
        ((count,),) = self._rows(
            f"{counted}{'' if self._is_all else within} LIMIT :most)", documents=self._ids(), most=_FEW + 1
        )
        return bool(count <= _FEW)

    def _most_overdue_of_all(self) -> str | None:
        rows = self._rows(
            f"SELECT {_SHARE}, {_PLACE} FROM cards c CROSS JOIN states s ON s.card_id = c.id "
            f"WHERE c.document_id IN (SELECT value FROM json_each(:documents)) AND {_ACTIVE} AND {_DUE}",
            documents=self._ids(),
        )
        first = min(rows, key=self._by_share, default=None)
        return None if first is None else str(first[-1])

    def _first_as_late(self, share: float) -> str | None:
        """The first card in document order that is overdue by this share; for when a great many are."""
        for document in self._order:
            for (card_id,) in self._rows(
                f"SELECT c.id FROM cards c CROSS JOIN states s ON s.card_id = c.id "
                f"WHERE c.document_id = :document AND {_ACTIVE} AND {_DUE} AND {_SHARE} = :share "
                f"ORDER BY {_PLACE} LIMIT 1",
                document=document,
                share=share,
            ):
                return str(card_id)
        return None

    def _first_new(self, *, gating: bool) -> str | None:
        """The first new card in document order that waits for no other. Raises _UntoldError."""
        for document in self._order:
            waiting: set[str] | None = None
            rows = self._rows(
                "SELECT c.line, c.number, c.id, c.after FROM cards c LEFT JOIN states s ON s.card_id = c.id "
                f"WHERE c.document_id = :document AND {_ACTIVE} AND coalesce(s.due, '') = '' ORDER BY {_PLACE}",
                document=document,
            )
            for _, _, card_id, after in _apart(rows):
                if not gating or after == "[]":
                    return str(card_id)
                if waiting is None:
                    waiting = self._waiting(document)
                if card_id not in waiting:
                    return str(card_id)
        return None

    def _waiting(self, document: int) -> set[str]:
        """The new cards of a document that wait for others. Raises _UntoldError where some wait for each other."""
        cards = list(
            self._rows(
                "SELECT c.id, c.number, c.after, coalesce(s.due, '') = '', coalesce(s.answered_well, 0) "
                f"FROM cards c LEFT JOIN states s ON s.card_id = c.id WHERE c.document_id = :document AND {_ACTIVE}",
                document=document,
            )
        )
        unlearned: dict[int, list[str]] = {}
        for card_id, number, _, _, answered_well in cards:
            if not answered_well:
                unlearned.setdefault(number, []).append(card_id)
        leaders = {
            card_id: {leader for number in json.loads(after) for leader in unlearned.get(number, ())}
            for card_id, _, after, is_new, _ in cards
            if is_new and after != "[]"
        }
        try:
            graphlib.TopologicalSorter(leaders).prepare()
        except graphlib.CycleError as error:
            raise _UntoldError from error
        return {card_id for card_id, found in leaders.items() if found}

    def _first_pass(self) -> str | None:
        """The first card in document order that got less than 4 today and is not due again today."""
        rows = self._rows(
            f"SELECT {_PLACE} FROM states s CROSS JOIN cards c ON c.id = s.card_id "
            f"WHERE s.last_quality < 4 AND s.last_study_day = :today AND s.due > :today AND {_ACTIVE}"
        )
        first = min((row for row in rows if row[0] in self._order), key=self._by_place, default=None)
        return None if first is None else str(first[-1])

    def _ids(self) -> str:
        return json.dumps(list(self._order))

    def _by_place(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return (self._order[row[0]], *row[1:])

    def _by_share(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return (-row[0], *self._by_place(row[1:]))

    def _drawn(self, card_id: str, is_new: bool, is_repeat: bool) -> Glance:
        ((deck, deck_title, flagged, payload),) = self._rows(
            "SELECT d.slug, d.title, c.flagged, c.payload FROM cards c JOIN documents d ON d.id = c.document_id "
            "WHERE c.id = :card_id",
            card_id=card_id,
        )
        card = json.loads(payload)
        return Glance(
            card_id=card_id,
            deck=deck,
            deck_title=deck_title,
            number=card["number"],
            variant=card.get("variant", ""),
            title=card["title"],
            concept=card["concept"],
            difficulty=card["difficulty"],
            cognitive_level=card["cognitive_level"],
            critical=card["critical"],
            flagged=bool(flagged),
            front=card["front"],
            new=is_new,
            repeat=is_repeat,
            is_computed=_COMPUTED.search(card["front"]) is not None,
        )


def _apart(rows: Iterable[Any]) -> Iterator[Any]:
    """Rows that begin with a line and a number, in the order in which a session introduces them: siblings apart.

    Siblings share both; one waits for the next row that is no sibling of it.
    """
    last = None
    waiting: deque[Any] = deque()
    for row in rows:
        if row[:2] == last:
            waiting.append(row)
            continue
        yield row
        last = row[:2]
        if waiting:
            sibling = waiting.popleft()
            yield sibling
            last = sibling[:2]
    yield from waiting


def _slug(name: str, decks: Sequence[tuple[str, str]]) -> str:
    """The slug of the deck that is named by slug, by slug without its number, or by title. Raises _UntoldError."""
    wanted = name.strip().casefold()
    found = [slug for slug, _ in decks if slug.casefold() == wanted]
    found = found or [slug for slug, title in decks if wanted in (title.casefold(), unnumbered(slug).casefold())]
    # What looks like a path may be meant as one.
    if len(found) != 1 or any(sign in name for sign in "/~."):
        raise _UntoldError
    return found[0]

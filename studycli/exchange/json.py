"""Cards, their states, their reviews and the learner's notes to JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from studycli.errors import ExportError
from studycli.model.card import Card
from studycli.model.card_data import card_data
from studycli.model.note import Note, note_data
from studycli.model.review import Review, StudyCard
from studycli.model.value import Value

FORMAT = "studycli"
VERSION = 2
_OLDEST = 1  # a version only adds keys
_HINT = "only a file from `studycli export json` can be read back"
_CARD_KEYS = frozenset(Card.model_fields)


class Exported(Value):
    """What a JSON export holds: cards, the reviews of each by card id, oldest first, and the learner's notes.

    `notes` are those on cards by card id, `concept_notes` those on concepts.
    """

    exported_at: datetime
    cards: tuple[StudyCard, ...]
    history: dict[str, tuple[Review, ...]] = {}
    notes: dict[str, Note] = {}
    concept_notes: tuple[Note, ...] = ()


def write(
    cards: Iterable[StudyCard],
    at: datetime,
    history: Mapping[str, Sequence[Review]] | None = None,
    notes: Iterable[Note] = (),
) -> bytes:
    """One JSON document in UTF-8: `format`, `version`, `exported_at`, `cards` and `concept_notes`.

    A card has the keys that `studycli card CARD --json` gives it, its `state`, its `history` and its `note` among them.
    """
    given = tuple(notes)
    of_cards = {each.card_id: each for each in given}
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": at.isoformat(),
        "cards": [card_data(item, (history or {}).get(item.id, ()), of_cards.get(item.id)) for item in cards],
        "concept_notes": [{"concept": each.concept, **note_data(each)} for each in given if each.concept is not None],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")


def read(text: str | bytes, where: str = "JSON") -> Exported:
    """The cards and reviews that `write` was given. Raises ExportError with the place of the first fault."""
    document = _document(text, where)
    version = document.get("version")
    if type(version) is not int or not _OLDEST <= version <= VERSION:
        raise ExportError(
            f"this export has version {version!r}, and this program reads versions {_OLDEST} to {VERSION}",
            where=where,
            hint="update studycli if a newer one wrote the file",
        )
    try:
        return Exported.model_validate(_nested(document))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ExportError(f"{place}: {fault['msg']}", where=where, hint=_HINT) from error


def _document(text: str | bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        raise ExportError(f"this is not JSON: {error.msg}", where=place, hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise ExportError(f"this cannot be read as JSON: {error}", where=where, hint=_HINT) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ExportError("this is no export of studycli", where=where, hint=_HINT)
    return document


def _nested(document: dict[str, Any]) -> dict[str, Any]:
    """The document in the shape of `Exported`; what is not in its place stays, for the validation to name."""
    rows = document.get("cards")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return {"exported_at": document.get("exported_at"), "cards": rows}
    history = {str(row.get("id")): _reviews(row) for row in rows if row.get("history")}
    notes = {str(row.get("id")): _note(row) for row in rows if row.get("note")}
    return {
        "exported_at": document.get("exported_at"),
        "cards": [_card(row) for row in rows],
        "history": history,
        "notes": notes,
        "concept_notes": document.get("concept_notes", ()),
    }


def _reviews(row: dict[str, Any]) -> object:
    reviews = row["history"]
    if not isinstance(reviews, list) or not all(isinstance(review, dict) for review in reviews):
        return reviews
    return [{**review, "card_id": row.get("id")} for review in reviews]


def _note(row: dict[str, Any]) -> object:
    note = row["note"]
    return {**note, "card_id": row.get("id")} if isinstance(note, dict) else note


def _card(row: dict[str, Any]) -> dict[str, Any]:
    item = {key: value for key, value in row.items() if key not in _CARD_KEYS | {"history", "note"}}
    if isinstance(state := item.get("state"), dict):
        item["state"] = {key: value for key, value in state.items() if key != "status"}
    return {**item, "card": {key: value for key, value in row.items() if key in _CARD_KEYS}}

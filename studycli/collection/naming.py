"""What a learner types for a deck or card, and what it means."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from studycli.errors import UsageError
from studycli.model.review import StudyCard
from studycli.model.slug import unnumbered
from studycli.store.library import DocumentRow

_ID = re.compile(r"[0-9a-f-]{4,36}", re.IGNORECASE)
_SHORT_ID = re.compile(r"[0-9a-f-]{1,3}", re.IGNORECASE)
_PLACE = re.compile(r"([0-9]{1,9})(?:/(c[0-9]{1,3}|forward|reversed))?")
_SHOWN = 5


def find_deck(name: str, decks: Sequence[DocumentRow]) -> DocumentRow | None:
    """The deck with this slug or title, else the one whose slug or title starts so; case doesn't count.

    A slug such as `04-attention` may be named without its number. Raises UsageError where more than one deck is meant.
    """
    wanted = name.strip().casefold()
    exact = [deck for deck in decks if deck.slug.casefold() == wanted]
    exact = exact or [deck for deck in decks if wanted in (deck.title.casefold(), unnumbered(deck.slug).casefold())]
    found = exact or [
        deck
        for deck in decks
        if any(text.casefold().startswith(wanted) for text in (deck.slug, unnumbered(deck.slug), deck.title))
    ]
    if not wanted or len(found) > 1:
        slugs = ", ".join(deck.slug for deck in found[:_SHOWN])
        raise UsageError(f"'{name}' names {len(found)} decks", hint=f"they are {slugs}")
    return found[0] if found else None


def decks_like(name: str, decks: Sequence[DocumentRow]) -> list[DocumentRow]:
    """The decks with this slug, numbered or not, or this title; else all whose slug or title starts so."""
    wanted = name.strip().casefold()
    exact = [deck for deck in decks if wanted in _names(deck)]
    return exact or [deck for deck in decks if wanted and any(text.startswith(wanted) for text in _names(deck))]


def _names(deck: DocumentRow) -> tuple[str, ...]:
    return deck.slug.casefold(), unnumbered(deck.slug).casefold(), deck.title.casefold()


def no_such_deck(name: str, decks: Sequence[DocumentRow]) -> UsageError:
    """The error for a name that no deck has, and no file, with the names that are close to it."""
    names = {text.casefold(): deck.slug for deck in decks for text in (deck.title, unnumbered(deck.slug), deck.slug)}
    close = dict.fromkeys(names[text] for text in difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.7))
    is_path = looks_like_path(name)
    lists = f"studycli decks lists {'the decks' if is_path else 'them'}; studycli add PATH brings more"
    hint = f"is it {' or '.join(close)}?" if close else lists
    return UsageError(f"there is no {'file or folder' if is_path else 'deck'} '{name}'", hint=hint)


def no_source(name: str) -> UsageError:
    """The error for a path that is there, but in none of the sources."""
    return UsageError(f"'{name}' is in none of your sources", hint=f"add it with: studycli add {shlex.quote(name)}")


def card_place(text: str) -> tuple[int, str | None] | None:
    """The number and the way of asking that a text such as '4' or '4/c2' names; None where it names none."""
    match = _PLACE.fullmatch(text)
    return None if match is None else (int(match[1]), match[2])


def asked_so(cards: Sequence[StudyCard], variant: str | None) -> list[StudyCard]:
    """Of the study cards at one number those that are asked so; with None the first of each card of the document."""
    if variant is not None:
        return [card for card in cards if variant == (card.card.variant or _first_name(card))]
    first: dict[tuple[str, int], StudyCard] = {}
    for card in cards:
        first.setdefault((card.path, card.card.line), card)
    return list(first.values())


def _first_name(study: StudyCard) -> str:
    return "c1" if study.card.cloze is not None else "forward"


def looks_like_path(name: str) -> bool:
    """True for a name that can only be meant as a path."""
    return "/" in name or name.startswith(("~", ".")) or Path(name).suffix.lower() in (".md", ".markdown")


def looks_like_id(text: str) -> bool:
    """True for a card id, or for the first four or more characters of one."""
    return _ID.fullmatch(text) is not None


def looks_like_short_id(text: str) -> bool:
    """True for what may be the start of a card id, but says too little."""
    return _SHORT_ID.fullmatch(text) is not None


def ambiguous_card(text: str, candidates: Sequence[str]) -> UsageError:
    """The error for a text that more than one card answers to; `candidates` describe them."""
    shown = "; ".join(candidates[:_SHOWN])
    return UsageError(f"'{text}' names {len(candidates)} cards", hint=f"they are {shown}")

"""What a learner types for a deck or card, and what it means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from studycli.errors import UsageError
from studycli.model.slug import unnumbered
from studycli.store.library import DocumentRow

_ID = re.compile(r"[0-9a-f-]{4,36}", re.IGNORECASE)
_SHORT_ID = re.compile(r"[0-9a-f-]{1,3}", re.IGNORECASE)
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


def no_such_deck(name: str, decks: Sequence[DocumentRow]) -> UsageError:
    """The error for a name that no deck has, with the names that are close to it."""
    names = {text.casefold(): deck.slug for deck in decks for text in (deck.title, unnumbered(deck.slug), deck.slug)}
    close = dict.fromkeys(names[text] for text in difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.7))
    hint = f"is it {' or '.join(close)}?" if close else "studycli decks lists them; studycli add PATH brings more"
    return UsageError(f"there is no deck '{name}'", hint=hint)


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

"""What a card's identity rests on: its content, its front, and the ids that follow from them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from dataclasses import dataclass

from studycli.model.card import Card

NAMESPACE = uuid.UUID("6c1b3c0e-6a4e-5d0b-9a55-3f0a3d1f7d11")
"""The uuid5 namespace of all derived card ids; changing it would make every machine disagree."""


@dataclass(frozen=True, slots=True)
class Known:
    """A card that the store knows.

    `document` is any stable key and `slug` its file's stem; `archived` means that the card left its document, `gone`
    that the whole document left, and `back` is as `plain_back` gives it. `variant` is the way the card is asked.
    """

    id: str
    document: str
    slug: str
    number: int
    content: str
    front: str
    explicit: str | None = None
    archived: bool = False
    gone: bool = False
    back: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A card as a document states it now.

    `front` is normalised, `content` a hash, `explicit` from `explicit_key`, `back` from `plain_back`.
    """

    document: str
    slug: str
    number: int
    content: str
    front: str
    explicit: str | None = None
    back: str = ""
    variant: str = ""


def arriving(document: str, slug: str, card: Card) -> Arriving:
    """What identity needs of a card of the document `document`, whose file's stem is `slug`."""
    return Arriving(
        document=document,
        slug=slug,
        number=card.number,
        content=content_hash(card),
        front=normalise(card.front),
        explicit=explicit_key(card.explicit_id, card.variant),
        back=plain_back(card.back),
        variant=card.variant,
    )


def normalise(front: str) -> str:
    """A front without what doesn't matter to its identity: case, emphasis, backticks and the kind of white space."""
    plain = re.sub(r"[*`]+", "", unicodedata.normalize("NFC", front).casefold())
    return " ".join(plain.split())


def plain_back(back: str) -> str:
    """A back whatever its white space; case stays, for q and Q are different things."""
    return " ".join(unicodedata.normalize("NFC", back).split())


def content_hash(card: Card) -> str:
    """SHA-256 (hex) over front and back, whatever their white space."""
    sides = (plain_back(side) for side in (card.front, card.back))
    return hashlib.sha256("\0".join(sides).encode("utf-8", "surrogatepass")).hexdigest()


def explicit_key(explicit_id: str | None, variant: str = "") -> str | None:
    """The id that a document writes for a card: a uuid as it is, any other text by uuid5; from it each variant's."""
    text = (explicit_id or "").strip()
    if not text:
        return None
    try:
        key = str(uuid.UUID(text))
    except ValueError:
        key = str(uuid.uuid5(NAMESPACE, f"id\n{text}"))
    return str(uuid.uuid5(NAMESPACE, f"variant\n{key}\n{variant}")) if variant else key


def new_id(slug: str, front: str, occurrence: int = 0, variant: str = "") -> str:
    """The id of a card first seen with this normalised front: the same on every machine.

    `occurrence` counts the cards before it in its document that have the same front, and are asked in the same way.
    """
    asked = f"\n{variant}" if variant else ""
    return str(uuid.uuid5(NAMESPACE, f"card\n{slug}\n{front}\n{occurrence}{asked}"))

"""A card as an Anki note: its fields as HTML, its tags, its GUID and its deck's name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from studycli.exchange import html
from studycli.exchange.form import Form, sides
from studycli.exchange.text import one_line
from studycli.model.card import CardPart
from studycli.model.review import StudyCard
from studycli.model.value import Value

# Anki compares note types by these names. To change, rename, move or remove one strands every note in the field;
# a new field takes a spare one's place in `from_card`, and keeps the spare one's name.
FIELDS = (
    *("Front", "Back", "Concept", "Difficulty", "Cognitive Level", "Source", "Mnemonic", "Notes"),
    *("Critical", "Related Concepts", "Document", "Card ID"),
    *(f"Spare {number}" for number in range(1, 7)),
)
_SUBDECK = re.compile(r"\s*:{2,}\s*")
_NO_TAG = re.compile(r"[\s\"\x00-\x1f\x7f]+")
_NO_WORD = re.compile(r"[^\w]+")
_FORMULA_START = " \t'=+-@＝＋－＠﹢﹣﹦﹫"


class Note(Value):
    """One note. `fields` follows FIELDS; `guid` is the card's id, so that no edit makes a second note of it."""

    guid: str
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    suspended: bool = False


def from_cards(cards: Sequence[StudyCard], form: Form = Form.FULL) -> list[Note]:
    """The notes of the cards that have a question; Anki keeps no note without one."""
    names = deck_names(cards)
    notes = (_from_card(item, names[item.deck], form) for item in cards)
    return [note for note in notes if note.fields[0]]


def deck_names(cards: Sequence[StudyCard]) -> dict[str, str]:
    """Anki's name for each deck slug: the deck's title, and its slug too where two decks share a title.

    Anki finds a deck by its name, in any case. Notes that it has already stay in their deck when a title changes.
    """
    titles = {item.deck: _deck_title(item) for item in cards}
    count = Counter(title.casefold() for title in titles.values())
    return {slug: title if count[title.casefold()] == 1 else f"{title} ({slug})" for slug, title in titles.items()}


def tags(item: StudyCard) -> tuple[str, ...]:
    """The document's own tags, else one such as `easy::attention::transformers`: difficulty, concept, deck."""
    own = tuple(tag for tag in map(_tag, item.card.tags) if tag)
    if own:
        return own
    parts = (item.card.difficulty or "", item.card.concept or "", item.deck)
    derived = "::".join(word for word in map(_word, parts) if word)
    return (derived,) if derived else ()


def _from_card(item: StudyCard, deck: str, form: Form) -> Note:
    card = item.card
    front, back = sides(card, form)
    mnemonic = next((part for part in card.parts if part.title.casefold().startswith("mnemonic")), None)
    values = {
        "Front": html.from_markdown(front),
        "Back": html.from_markdown(back),
        "Concept": html.from_text(card.concept or ""),
        "Difficulty": card.difficulty.capitalize() if card.difficulty else "",
        "Cognitive Level": html.from_text(card.cognitive_level or ""),
        "Source": html.from_text(card.source_section or ""),
        "Mnemonic": html.from_markdown(mnemonic.text) if mnemonic else "",
        "Notes": "\n".join(_part(part) for part in card.parts if part is not mnemonic),
        "Critical": html.from_text(card.critical_reason or "Yes") if card.critical else "",
        "Related Concepts": html.from_text(", ".join(card.related_concepts)),
        "Document": html.from_text(item.deck_title or item.deck),
        "Card ID": html.from_text(item.id),
    }
    fields = tuple(values.get(name, "") for name in FIELDS)
    return Note(guid=item.id, deck=deck, fields=fields, tags=tags(item), suspended=item.suspended)


def _part(part: CardPart) -> str:
    return f"<h4>{html.from_text(part.title)}</h4>\n{html.from_markdown(part.text)}"


def _deck_title(item: StudyCard) -> str:
    """The title without `::`, which would make a subdeck, and never a bare number, which is an id in a text import."""
    title = _SUBDECK.sub(": ", one_line(item.deck_title)).replace('"', "'").lstrip(_FORMULA_START).strip(": ")
    name = unicodedata.normalize("NFC", title) or item.deck
    return f"Deck {name}" if name.isdecimal() else name


def _tag(text: str) -> str:
    """A tag as Anki keeps it: no blanks, no quotes, no empty levels, and nothing that a spreadsheet would compute."""
    levels = (_NO_TAG.sub("-", level.strip()).lstrip(_FORMULA_START).strip(":") for level in text.split("::"))
    return "::".join(level for level in levels if level)


def _word(text: str) -> str:
    return _NO_WORD.sub("-", text.lower()).strip("-")

"""A card as an Anki note: its fields as HTML, its tags, its GUID and its deck's name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from studycli.documents import variants
from studycli.exchange import cloze, html
from studycli.exchange.form import Form, sides
from studycli.exchange.text import one_line
from studycli.model.card import CardPart
from studycli.model.review import StudyCard
from studycli.model.value import Value
from studycli.model.variant import REVERSED

# Anki compares note types by these names. To change, rename, move or remove one strands every note in the field;
# a new field takes a spare one's place in `from_card`, and keeps the spare one's name.
FIELDS = (
    *("Front", "Back", "Concept", "Difficulty", "Cognitive Level", "Source", "Mnemonic", "Notes"),
    *("Critical", "Related Concepts", "Document", "Card ID"),
    *(f"Spare {number}" for number in range(1, 7)),
)
# The spare field that holds what the learner wrote about the card.
LEARNERS_NOTE = "Spare 1"
_SUBDECK = re.compile(r"\s*:{2,}\s*")
_NO_TAG = re.compile(r"[\s\"\x00-\x1f\x7f]+")
_NO_WORD = re.compile(r"[^\w]+")
_FORMULA_START = " \t'=+-@＝＋－＠﹢﹣﹦﹫"


class NoteCloze(Value):
    """One card of a cloze note."""

    number: int
    suspended: bool = False
    flagged: bool = False


class Note(Value):
    """One note. `fields` follows FIELDS; `guid` comes from the card's id, so that no edit makes a second note of it.

    A note with `clozes` is of the cloze kind and makes a card of each; another makes one.
    """

    guid: str
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    suspended: bool = False
    flagged: bool = False
    clozes: tuple[NoteCloze, ...] = ()


def from_cards(
    cards: Sequence[StudyCard], form: Form = Form.FULL, written: Mapping[str, str] | None = None
) -> list[Note]:
    """The notes of the cards that have a question; Anki keeps no note without one.

    `written` is what the learner wrote about a card (Markdown), by card id.
    """
    names = deck_names(cards)
    notes = (_from_card(item, names[item.deck], form, (written or {}).get(item.id, "")) for item in cards)
    return [note for note in notes if note.fields[0]]


def with_clozes(cards: Sequence[StudyCard], written: Mapping[str, str] | None = None) -> list[Note]:
    """The same notes in full, but those of one cloze card of a document as one note of the cloze kind."""
    names = deck_names(cards)
    texts = written or {}
    notes = []
    for items in cloze.together(cards):
        first, deck = items[0], names[items[0].deck]
        if first.card.cloze is None:
            notes.append(_from_card(first, deck, Form.FULL, texts.get(first.id, "")))
        else:
            own = dict.fromkeys(texts[item.id] for item in items if item.id in texts)
            notes.append(_from_clozes(items, deck, "\n\n".join(own)))
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


def _from_card(item: StudyCard, deck: str, form: Form, written: str) -> Note:
    front, back = map(html.from_markdown, sides(item.card, form))
    fields = _fields(item, front, back, written)
    return Note(guid=item.id, deck=deck, fields=fields, tags=tags(item), suspended=item.suspended, flagged=item.flagged)


def _from_clozes(items: Sequence[StudyCard], deck: str, written: str) -> Note:
    first = items[0]
    front = cloze.field(first.card.cloze or "")
    fields = _fields(first, front, html.from_markdown(variants.own_back(first.card)), written)
    clozes = tuple(
        NoteCloze(number=variants.number_of(item.card), suspended=item.suspended, flagged=item.flagged)
        for item in items
        # A cloze in the address of a link doesn't come out as one.
        if f"{{{{c{variants.number_of(item.card)}::" in front
    )
    return Note(guid=cloze.guid(first.id), deck=deck, fields=fields, tags=tags(first), clozes=clozes)


def _fields(item: StudyCard, front: str, back: str, written: str) -> tuple[str, ...]:
    """The fields of a note; `front` and `back` are HTML."""
    card = item.card
    mnemonic = next((part for part in card.parts if part.title.casefold().startswith("mnemonic")), None)
    values = {
        "Front": front,
        "Back": back,
        # Anki shows it with the question, and in the reverse direction it is often what is asked for.
        "Concept": html.from_text(card.concept or "") if card.variant != REVERSED else "",
        "Difficulty": card.difficulty.capitalize() if card.difficulty else "",
        "Cognitive Level": html.from_text(card.cognitive_level or ""),
        "Source": html.from_text(card.source_section or ""),
        "Mnemonic": html.from_markdown(mnemonic.text) if mnemonic else "",
        "Notes": "\n".join(_part(part) for part in card.parts if part is not mnemonic),
        "Critical": html.from_text(card.critical_reason or "Yes") if card.critical else "",
        "Related Concepts": html.from_text(", ".join(card.related_concepts)),
        "Document": html.from_text(item.deck_title or item.deck),
        "Card ID": html.from_text(item.id),
        LEARNERS_NOTE: html.from_markdown(written),
    }
    return tuple(values.get(name, "") for name in FIELDS)


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

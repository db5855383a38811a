"""A cloze card of a document as one note of Anki's cloze kind, which makes a card of each number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import islice

from studycli.documents import cloze
from studycli.exchange import html
from studycli.exchange.text import clean
from studycli.model.review import StudyCard

# Private characters that stand for the marks of a cloze while Markdown becomes HTML.
# There are more of them than a text with clozes has characters.
_PRIVATE = range(0xF0000, 0xFFFFE)
_ESCAPED = {"{{": "&#123;&#123;", "}}": "&#125;&#125;", "::": "&#58;&#58;"}


def guid(card_id: str) -> str:
    """The GUID of the cloze note, from the id of the card's first cloze.

    It isn't that id itself: Anki leaves a note alone whose type isn't that of the one that comes in, so a plain card
    that was exported before it got its clozes would never become one there.
    """
    return str(uuid.uuid5(uuid.UUID(card_id), "cloze"))


def together(cards: Sequence[StudyCard]) -> list[list[StudyCard]]:
    """The cards in their order, with those that are clozes of one card of a document in one list."""
    groups: dict[tuple[object, ...], list[StudyCard]] = {}
    for item in cards:
        place = (item.path, item.card.line, item.card.number)
        groups.setdefault((item.id,) if item.card.cloze is None else place, []).append(item)
    return list(groups.values())


def field(text: str) -> str:
    """HTML of a Markdown text with clozes in Anki's own writing; nothing else in it is a cloze to Anki."""
    text = clean(text)
    used = set(text)
    marks = list(islice((chr(code) for code in _PRIVATE if chr(code) not in used), 3))
    found = cloze.read(text).found
    edits: list[tuple[int, int, str]] = []
    for each in found:
        hint = f"{marks[1]}{each.hint}" if each.hint else ""
        edits += [(each.start, each.inner, f"{marks[0]}{each.number}{marks[1]}")]
        edits += [(each.tail, each.end, f"{hint}{marks[2]}")]
    parts, at = [], 0
    for start, end, instead in sorted(edits):
        parts += [text[at:start], instead]
        at = end
    shown = html.from_markdown("".join([*parts, text[at:]]))
    for plain, escaped in _ESCAPED.items():
        shown = shown.replace(plain, escaped)
    opening, hint_mark, closing = marks
    # A sign that would be taken for a part of the mark beside it.
    shown = shown.replace(f"{{{opening}", f"&#123;{opening}").replace(f"}}{closing}", f"&#125;{closing}")
    shown = shown.replace(f":{hint_mark}", f"&#58;{hint_mark}").replace(f"{hint_mark}:", f"{hint_mark}&#58;")
    for mark, written in zip(marks, ("{{c", "::", "}}"), strict=True):
        shown = shown.replace(mark, written)
    return shown

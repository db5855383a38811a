"""Cards to CSV for spreadsheets: RFC 4180, every cell quoted, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping

from studycli.exchange.form import Form, sides
from studycli.exchange.text import clean
from studycli.model.review import StudyCard

HEADER = ("Front", "Back", "Difficulty", "Concept", "Cognitive_Level", "Note")
# Spreadsheets compute a cell that begins with one of these, in full width too, and some skip blanks before it.
_COMPUTED = re.compile(r"'*(?:\s*[=+\-@＝＋－＠﹢﹣﹦﹫]|[\t\r\n])")


def write(cards: Iterable[StudyCard], form: Form = Form.FULL, written: Mapping[str, str] | None = None) -> bytes:
    """UTF-8 with CRLF after each record; front, back and note are Markdown, their own line feeds kept.

    `written` is what the learner wrote about a card, by card id.
    There is no byte order mark: RFC 4180 knows none, and most programs would take it for a part of "Front".
    """
    rows = ([*sides(item.card, form), *_about(item), (written or {}).get(item.id, "")] for item in cards)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows([guard(clean(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def guard(cell: str) -> str:
    """A cell with an apostrophe before it if a spreadsheet would compute it, as it would '=1+1' or a list's '- item'.

    The apostrophe is the spreadsheets' own sign for text. A cell that begins so already gets another one, so that
    `unguard` always finds what was meant.
    """
    return f"'{cell}" if _COMPUTED.match(cell) else cell


def unguard(cell: str) -> str:
    """The cell before `guard`."""
    return cell[1:] if cell.startswith("'") and _COMPUTED.match(cell) else cell


def _about(item: StudyCard) -> tuple[str, str, str]:
    card = item.card
    difficulty = card.difficulty.capitalize() if card.difficulty else ""
    return difficulty, card.concept or "", card.cognitive_level or ""

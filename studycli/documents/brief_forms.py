"""The Anki TSV and CSV blocks of a deck: short forms of its cards, and which card each belongs to."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from studycli.documents import card_heading
from studycli.documents.outline import Fence, plain
from studycli.model.card import Card
from studycli.model.deck import BriefForm
from studycli.model.problem import Problem, Severity

_WORD = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"^\s*(?:card\s*)?#?(\d{1,5})\s*[.:)]\s+", re.IGNORECASE)
_CLEAR_MATCH = 0.2
_CSV_COLUMNS = ("front", "back", "difficulty", "concept", "cognitive level", "tags")


def read_tsv(fence: Fence) -> tuple[list[BriefForm], list[Problem]]:
    """The lines `front<TAB>back<TAB>tags`; comment and empty lines are skipped."""
    found: list[BriefForm] = []
    problems: list[Problem] = []
    for line, text in enumerate(fence.text.split("\n"), fence.start + 2):
        if not text.strip() or text.lstrip().startswith(("#", "//", "<!--")):
            continue
        cells = [cell.strip() for cell in text.split("\t")]
        if len(cells) < 2:
            hint = "separate front, back and tags with tab characters"
            problems.append(_warn(line, "this line of the Anki block has no tab", hint))
            continue
        found.append(BriefForm(front=cells[0], back=cells[1], tags=tags(cells[2]) if cells[2:] else (), line=line))
    return found, problems


def read_csv(fence: Fence) -> tuple[list[BriefForm], list[Problem]]:
    """The rows of a CSV block, its columns found by name where there is a header."""
    found: list[BriefForm] = []
    header: dict[str, int] | None = None
    try:
        for line, cells in _csv_rows(fence):
            names = [plain(cell.replace("_", " ")) for cell in cells]
            if header is None:
                header = dict(zip(_CSV_COLUMNS, range(len(cells)), strict=False))
                if "front" in names or "question" in names:
                    header = {_csv_name(name): position for position, name in enumerate(names)}
                    continue
            found.append(_csv_form(cells, header, line))
    except csv.Error as error:
        return found, [_warn(fence.start + 1, f"the CSV block cannot be read: {error}", "quote every cell")]
    return found, []


def _csv_rows(fence: Fence) -> Iterator[tuple[int, list[str]]]:
    lines = enumerate(fence.text.split("\n"), fence.start + 2)
    kept = [(line, text) for line, text in lines if text.strip() and not text.startswith("#")]
    reader = csv.reader((text + "\n" for _, text in kept), strict=False, skipinitialspace=True)
    before = 0
    for cells in reader:
        yield kept[before][0], cells
        before = reader.line_num


def _csv_name(name: str) -> str:
    return {"question": "front", "answer": "back", "blooms level": "cognitive level"}.get(name, name)


def _csv_form(cells: list[str], header: dict[str, int], line: int) -> BriefForm:
    def cell(name: str) -> str:
        position = header.get(name, len(cells))
        return cells[position].strip() if position < len(cells) else ""

    return BriefForm(
        front=cell("front"),
        back=cell("back"),
        tags=tags(cell("tags")),
        difficulty=card_heading.difficulty(cell("difficulty")),
        concept=cell("concept") or None,
        cognitive_level=cell("cognitive level") or None,
        line=line,
    )


def tags(text: str) -> tuple[str, ...]:
    """The tags of a cell or a `Tags` field: separated by spaces, commas or semicolons."""
    return tuple(word.strip("`#") for word in re.split(r"[\s,;]+", text) if word.strip("`#"))


def match(forms: Sequence[BriefForm], cards: Sequence[Card]) -> list[BriefForm]:
    """Each form with the number of its card, or None where no card fits.

    A number in front of the form decides; then likeness in words, if that gives each form another card; then the
    order, if there are as many forms as cards; then likeness for those forms that are clearly like one card.
    """
    words = {card.number: _words(f"{card.title} {card.concept or ''} {card.front} {card.back}") for card in cards}
    named = [_named(form, words) for form in forms]
    likest = [number or _likest(form, words) for number, form in zip(named, forms, strict=True)]
    if len(set(likest)) == len(forms) and None not in likest:
        chosen: list[int | None] = list(likest)
    elif len(forms) == len(cards) and not any(named):
        chosen = [card.number for card in cards]
    else:
        chosen = _once_each(likest)
    return [form.model_copy(update={"card": number}) for form, number in zip(forms, chosen, strict=True)]


def _named(form: BriefForm, words: dict[int, frozenset[str]]) -> int | None:
    match = _NUMBERED.match(form.front)
    number = int(match[1]) if match else None
    return number if number in words else None


def _likest(form: BriefForm, words: dict[int, frozenset[str]]) -> int | None:
    mine = _words(f"{form.front} {form.front} {form.back} {form.concept or ''}")
    best, score = None, _CLEAR_MATCH
    for number, theirs in words.items():
        common = len(mine & theirs) / (len(mine) or 1)
        if common > score:
            best, score = number, common
    return best


def _once_each(numbers: list[int | None]) -> list[int | None]:
    seen: set[int] = set()
    chosen: list[int | None] = []
    for number in numbers:
        chosen.append(number if number is not None and number not in seen else None)
        if number is not None:
            seen.add(number)
    return chosen


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in _WORD.findall(text.casefold()) if len(word) > 2)


def _warn(line: int, message: str, hint: str) -> Problem:
    return Problem(severity=Severity.WARNING, line=line, message=message, hint=hint)

"""A row of the browse screen: what kind of hit, where it is, its title, and where its card stands."""

from __future__ import annotations

from datetime import date

from rich.cells import cell_len
from rich.text import Text

from studycli.model.review import StudyCard
from studycli.model.search import HitKind, Segment
from studycli.render.safe import clean, one_line
from studycli.review import wording
from studycli.tui.browse_hits import Entry

MARKS = {HitKind.CARD: "·", HitKind.NOTE: "✎", HitKind.CONCEPT: "◆"}
FLAG = "⚑"
_STATE_WIDTH = 10
_PLACE_SHARE = 0.3  # of the row
_WIDEST_PLACE = 28


def row(entry: Entry, width: int, today: date, chosen: bool) -> Text:
    """Exactly `width` cells (30 or more)."""
    place_width = min(_WIDEST_PLACE, round(width * _PLACE_SHARE))
    card = entry.card
    state = state_word(card, today) if card is not None else ""
    flag = FLAG if card is not None and card.flagged else " "
    title_width = width - place_width - _STATE_WIDTH - 9
    title = _title(entry.title)
    title.truncate(title_width, overflow="ellipsis", pad=True)
    return Text.assemble(
        "› " if chosen else "  ", f"{MARKS[entry.hit.kind]} ", (_fitted(entry.place, place_width), "cyan"), " ", title,
        f" {flag} ", (f"{state:>{_STATE_WIDTH}}", "dim" if card is not None and card.set_aside else ""), " ",
        no_wrap=True, end="",
    )  # fmt: skip


def state_word(card: StudyCard, today: date) -> str:
    """'new', 'due', 'in 12 d', 'suspended'."""
    if card.set_aside:
        return card.status.value
    if card.state.due is None:
        return "new"
    if card.state.due <= today or card.pending_repeat:
        return "due"
    return f"in {wording.interval((card.state.due - today).days, short=True)}"


def _title(segments: tuple[Segment, ...]) -> Text:
    title = Text()
    for segment in segments:
        title.append(clean(segment.text).replace("\n", " "), "bold underline" if segment.found else "")
    return title


def _fitted(place: str, width: int) -> str:
    """A place cut in the middle, so that the card's number stays."""
    name = one_line(place)
    if cell_len(name) > width:
        head, colon, number = name.rpartition(":")
        tail = f"{colon}{number}" if head and cell_len(number) < width // 2 else ""
        kept = Text(head if tail else name)
        kept.truncate(width - cell_len(tail), overflow="ellipsis")
        name = f"{kept.plain}{tail}"
    return name + " " * (width - cell_len(name))

"""A card drawn for a review: its header and question, then its answer with the extra parts."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from studycli.model.card import Card
from studycli.model.review import Status, StudyCard
from studycli.render.markdown import render_markdown
from studycli.render.plain import plain_markdown
from studycli.render.safe import one_line


def render_front(study: StudyCard, progress: str = "") -> RenderableType:
    """The deck and number, `progress` at the right, what kind of card it is, and the question."""
    facts = Text(" · ".join(_facts(study)), style="dim", no_wrap=True, overflow="ellipsis")
    return Group(_Header(_place(study), progress), facts, Text(), render_markdown(study.card.front))


def render_back(study: StudyCard) -> RenderableType:
    """The answer, then each extra part under its title."""
    blocks: list[RenderableType] = [_Header("answer", ""), Text(), render_markdown(study.card.back)]
    for title, text in _extras(study):
        blocks += [Text(), Text(title, style="bold"), render_markdown(text)]
    return Group(*blocks)


def render_checks(card: Card) -> RenderableType | None:
    """The demo and the claims that a card names, as written; None where it names none."""
    lines = [f"demo: {card.demo}"] if card.demo is not None else []
    lines += [f"claim: {claim}" for claim in card.claims]
    return Text("\n".join(map(one_line, lines)), style="dim") if lines else None


def plain_front(study: StudyCard, progress: str = "") -> str:
    """The same words as `render_front`, one fact after another, for a pipe or a screen reader."""
    header = [_place(study), ", ".join(_facts(study)), progress]
    return "\n".join([*filter(None, header), "", "Question:", plain_markdown(study.card.front)])


def plain_back(study: StudyCard) -> str:
    """The same words as `render_back`."""
    lines = ["Answer:", plain_markdown(study.card.back)]
    for title, text in _extras(study):
        lines += ["", f"{title}:", plain_markdown(text)]
    return "\n".join(lines)


def gist(study: StudyCard) -> str:
    """The beginning of the question on one line, to name the card by."""
    lines = [one_line(line) for line in plain_markdown(study.card.front).split("\n")]
    return next(filter(None, lines), study.id)


class _Header:
    """A rule with the place of the card at its left and the progress at its right."""

    def __init__(self, place: str, progress: str) -> None:
        self.place = place
        self.progress = progress

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        right = f" {self.progress} ──" if self.progress else ""
        place = Text(self.place, style="bold")
        place.truncate(max(options.max_width - len(right) - 4, 8), overflow="ellipsis")
        rule = "─" * max(options.max_width - place.cell_len - len(right) - 4, 0)
        header = Text.assemble(("── ", "dim"), place, (f" {rule}{right}", "dim"))
        yield Text.assemble(header, no_wrap=True, overflow="ellipsis")


def _place(study: StudyCard) -> str:
    title = f": {one_line(study.card.title)}" if study.card.title else ""
    return f"{one_line(study.deck_title)} · card {study.card.number}{title}"


def _facts(study: StudyCard) -> list[str]:
    card = study.card
    words = [card.concept, card.difficulty, card.cognitive_level, study.status if study.status is Status.NEW else None]
    return [one_line(word) for word in words if word] + (["critical"] if card.critical else [])


def _extras(study: StudyCard) -> list[tuple[str, str]]:
    extras = [(one_line(part.title), part.text) for part in study.card.parts]
    if study.card.critical_reason:
        extras.append(("Why it is critical", study.card.critical_reason))
    return extras

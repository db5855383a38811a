"""A training as it goes on, for the terminal: how far it is, and its loss and scores against steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from studycli.render.safe import one_line
from studycli.render.sparkline import sparkline

_BAR, _ROOM = 20, 60
_NARROWEST, _BROADEST = 10, 60


@dataclass
class History:
    """What was heard of one checkpoint's training so far: the loss of each step, and the scores known by then."""

    checkpoint: str
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    scores: dict[str, list[float]] = field(default_factory=dict)

    def hear(self, step: int, steps: int, loss: float, scores: Mapping[str, float]) -> None:
        """One more step. A score that is known from now on counts as not a number before."""
        for name, value in scores.items():
            self.scores.setdefault(name, [float("nan")] * len(self.losses)).append(value)
        self.step, self.steps = step, steps
        self.losses.append(loss)


def view(history: History, finished: Sequence[str], width: int) -> RenderableType:
    """Lines about what is finished, the bar, and the loss and each score with its sparkline, within `width` cells."""
    label = max(map(len, ("loss", *list(history.scores))))
    room = min(max(width - label - 12, _NARROWEST), _BROADEST)
    lines = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        lines.add_column(no_wrap=True)
    if history.losses:
        lines.add_row("loss", f"{history.losses[-1]:.3f}", sparkline(history.losses, room))
    for name, values in list(history.scores.items()):  # another thread may be adding to them
        lines.add_row(spelled(name), f"{values[-1]:.3f}", sparkline(values, room, top=1.0))
    return Group(*(Text(line, "dim") for line in finished), _bar(history, width), lines)


def outcome(history: History) -> str:
    """A line about a checkpoint whose training is done."""
    last = {"loss": history.losses[-1]} | {name: values[-1] for name, values in history.scores.items()}
    numbers = ", ".join(f"{spelled(name)} {value:.3f}" for name, value in last.items())
    return f"{one_line(history.checkpoint)}: {numbers} after {history.steps:,} steps in {_time(history.seconds)}"


def spelled(name: str) -> str:
    """A metric's name in words."""
    return one_line(name.replace("_", " "))


def _bar(history: History, width: int) -> RenderableType:
    """Which checkpoint, a bar where there is room for one, the step and the time."""
    bar = ProgressBar(total=max(history.steps, 1), completed=history.step, width=_BAR)
    name: list[RenderableType] = [Text(one_line(history.checkpoint), "bold")]
    cells = [*name, *([bar] if width >= _ROOM else []), *_where(history)]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in cells:
        grid.add_column(no_wrap=True)
    grid.add_row(*cells)
    return grid


def _where(history: History) -> tuple[str, str]:
    if not history.step:
        return "starting …", ""
    steps = f"{history.step:,}/{history.steps:,} steps"
    if history.step == history.steps:
        return steps, _time(history.seconds)
    return steps, f"{_time(history.seconds / history.step * (history.steps - history.step))} left"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"

"""The view of a training: drawn on stderr while it goes on, where stderr is a terminal, and left there at the end.

On a terminal that can't be drawn on, a line is said for each tenth.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from studycli.cli import diagnostics

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from studycli.engine.miniatures.recipe import Progress

_PER_SECOND = 8


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Give a function that hears of each step and draws what it heard, eight times a second."""
    if not sys.stderr.isatty():
        yield lambda progress: None
        return
    if os.environ.get("TERM") == "dumb" or os.environ.get("ACCESSIBLE"):
        yield _said
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    view = _View(console)
    with Live(console=console, refresh_per_second=_PER_SECOND, get_renderable=view.drawn):
        yield view.hear


def _said(progress: Progress) -> None:
    if progress.step == 1 or progress.step * 10 // progress.steps > (progress.step - 1) * 10 // progress.steps:
        step = f"step {progress.step:,} of {progress.steps:,}"
        diagnostics.say(f"{progress.checkpoint}: {step}, loss {progress.loss:.3f}")


class _View:
    """What is on the screen: the history of the checkpoint in training, and a line for each that is finished."""

    def __init__(self, console: Console) -> None:
        from studycli.render.training import History

        self.console, self.history = console, History("training")
        self.finished: list[str] = []
        self.started = time.monotonic()

    def hear(self, progress: Progress) -> None:
        if progress.checkpoint != self.history.checkpoint:
            self._next(progress.checkpoint)
        self.history.hear(progress.step, progress.steps, progress.loss, progress.scores)
        self.history.seconds = time.monotonic() - self.started

    def drawn(self) -> RenderableType:
        from studycli.render.training import view

        return view(self.history, self.finished, self.console.width)

    def _next(self, checkpoint: str) -> None:
        from studycli.render.training import History, outcome

        if self.history.losses:
            self.finished.append(outcome(self.history))
        self.history, self.started = History(checkpoint), time.monotonic()

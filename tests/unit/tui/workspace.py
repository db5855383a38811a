"""The workspace under test: opened on a deck that the test writes, driven by a pilot, read as text."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.tui.app import Opened, Workspace
from studycli.tui.study import Study

DEADLINE = 60.0
"""Seconds; generous, since tests share two cores with others."""


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test that is a coroutine."""
    asyncio.run(test)


@asynccontextmanager
async def opened(*names: str, size: tuple[int, int] = (80, 24), **limits: Any) -> AsyncIterator[Pilot[None]]:
    """A workspace that reviews these decks, once its first question stands; what ended it by itself is raised."""

    def open_study() -> Opened:
        told: list[str] = []
        collection = Collection.open(config.load(), tell=lambda found: told.append(found.problem.message))
        return Opened(Study(collection, collection.session(names, **limits), names), told)

    app = Workspace(open_study, settings=config.load())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.review.study is not None or app.error is not None)
        await pilot.pause()
        if app.error is None:
            yield pilot
    if app.study is not None:
        app.study.collection.close()
    if app.error is not None:
        raise app.error


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the app work until the condition holds."""
    end = asyncio.get_running_loop().time() + DEADLINE
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"it never came to that:\n{screen_text(pilot)}"
        await pilot.pause(0.01)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each once what the one before it set off is done."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


def workspace(pilot: Pilot[None]) -> Workspace:
    """The app that a pilot drives."""
    assert isinstance(pilot.app, Workspace)
    return pilot.app


def screen_text(pilot: Pilot[None]) -> str:
    """What is on the screen, line by line, without colours and without blanks at the ends of lines."""
    width, height = pilot.app.size
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(pilot.app.screen._compositor.render_update(full=True))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())

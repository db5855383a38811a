"""A screen of the workspace by itself: an app on a real review, whose engine is not started."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from studycli import config
from studycli.collection import Collection
from studycli.tui.app import Workspace
from studycli.tui.desk import Desk
from studycli.tui.engine_process import EngineProcess
from studycli.tui.study import Study


class DeskApp(App[None]):
    """Shows nothing but the screen; `is_back` once it has gone."""

    HORIZONTAL_BREAKPOINTS = Workspace.HORIZONTAL_BREAKPOINTS

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    @property
    def is_back(self) -> bool:
        """Whether the screen has gone."""
        return len(self.screen_stack) == 1


@asynccontextmanager
async def shown(make: Callable[[Desk], Screen[Any]], size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    """The screen over a review that asks its first card."""
    with Collection.open(config.load()) as collection:
        study = Study(collection, collection.session())
        study.ask()
        app = DeskApp(Desk(study, EngineProcess()))
        async with app.run_test(size=size) as pilot:
            await app.push_screen(make(app.desk))
            yield pilot


def desk_app(pilot: Pilot[None]) -> DeskApp:
    """The app that a pilot drives."""
    assert isinstance(pilot.app, DeskApp)
    return pilot.app

"""A demo's runs: the newest is asked of the engine, what came of it is handed on, and a wait is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from studycli.demos import wire
from studycli.errors import EngineError, StudyError
from studycli.tui.slots import Superseded

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from studycli.demos.request import DemoRequest
    from studycli.model.trace import DemoResult
    from studycli.tui.engine_process import EngineProcess

_PATIENCE = 0.1
"""A wait is said after so many seconds."""


class DemoRun:
    """One at a time in each group: a newer one takes the place of the one that is waited for."""

    def __init__(self, owner: Widget, engine: EngineProcess, told: Callable[[StudyError], None],
                 waiting: Callable[[str], None], group: str) -> None:  # fmt: skip
        """`told` hears of errors, `waiting` what is being waited for."""
        self._owner = owner
        self._engine = engine
        self._told = told
        self._waiting = waiting
        self._group = group
        self._timer: Timer | None = None

    def ask(self, request: DemoRequest, shown: Callable[[DemoResult], None]) -> None:
        """Hand on what comes of a request: now, where it is known."""
        self.stop()
        if (known := self._engine.cached(request)) is not None:
            self._hand_on(known, shown)
            return
        self._timer = self._owner.set_timer(_PATIENCE, self._say)
        # A coroutine of its own would be left without a word if the worker were cancelled before it began.
        work = partial(self._run, request, shown)
        self._owner.run_worker(work, group=self._group, exclusive=True)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._owner.workers.cancel_group(self._owner, self._group)
        self._quiet()

    async def _run(self, request: DemoRequest, shown: Callable[[DemoResult], None]) -> None:
        try:
            result = await self._engine.run(request, self._group)
        except Superseded:
            return
        except StudyError as error:
            self._quiet()
            self._told(error)
        else:
            self._quiet()
            self._hand_on(result, shown)

    def _hand_on(self, result: DemoResult, shown: Callable[[DemoResult], None]) -> None:
        """Show a result; one that cannot be drawn is an error of the demo, and ends nothing."""
        try:
            shown(result)
        except StudyError as error:
            self._told(error)
        except Exception as error:  # whatever a demo's values are, the review goes on
            self._told(EngineError(f"this demo cannot be shown: {wire.named(error)}"))

    def _say(self) -> None:
        self._waiting("the engine is starting …" if self._engine.state in ("idle", "starting") else "computing …")

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

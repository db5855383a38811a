"""The workspace under test: opened on a deck that the test writes, driven by a pilot, read as text."""

from __future__ import annotations

import asyncio
import io
import unicodedata
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console
from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot

from studycli import config
from studycli.collection import Collection
from studycli.tui.app import Opened, Workspace
from studycli.tui.desk import Desk
from studycli.tui.study import Study

DEADLINE = 60.0
"""Seconds; generous, since tests share two cores with others."""

ENGINE_DEADLINE = 120.0
"""Seconds in which the engine starts and computes."""


class Loop(asyncio.SelectorEventLoop):
    """Knows whether there is anything left to do: that is what a test waits for, and not for time to pass."""

    def __init__(self) -> None:
        super().__init__()
        self._threads: set[asyncio.Future[Any]] = set()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """As always; it counts as something to do until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._threads.add(future)
        future.add_done_callback(self._threads.discard)
        return future

    @property
    def has_threads(self) -> bool:
        """Whether anything is done in a thread."""
        return bool(self._threads)

    @property
    def has_calls(self) -> bool:
        """Whether anything is about to be called, beside the one who asks."""
        return bool(self._ready)  # type: ignore[attr-defined]


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test that is a coroutine."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(test)


@asynccontextmanager
async def opened(
    *names: str, size: tuple[int, int] = (80, 24), preload: bool = False, **limits: Any
) -> AsyncIterator[Pilot[None]]:
    """A workspace that reviews these decks, once its first question stands; what ended it by itself is raised.

    Its engine starts when it is first asked for something, or at once with `preload`, as in the real program.
    """

    def open_study() -> Opened:
        told: list[str] = []
        collection = Collection.open(config.load(), tell=lambda found: told.append(found.problem.message))
        return Opened(Study(collection, collection.session(names, **limits), names), told)

    app = Workspace(open_study, settings=config.load(), preload=preload)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.review.study is not None or app._exit)
        if not app._exit:
            await settle(pilot)
            yield pilot
    if app.study is not None:
        app.study.collection.close()
    if app.error is not None:
        raise app.error


async def settle(pilot: Pilot[None], threads: bool = True) -> None:
    """Let the app go on until nothing is left to do but what waits for the engine, for a key or for a clock.

    What is done in `threads` counts too, unless a test wants to look at the app meanwhile.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    end = loop.time() + DEADLINE
    rounds = 0
    while rounds < 3 and not pilot.app._exit:
        assert loop.time() < end, f"there is always something to do:\n{screen_text(pilot)}"
        if loop.has_calls or (threads and loop.has_threads):
            rounds = 0
            await asyncio.sleep(0 if loop.has_calls else 0.001)
            continue
        await pilot.app.animator.wait_until_complete()
        pilot.app.screen._on_timer_update()  # paints now what would be painted at the next tick
        await asyncio.sleep(0)
        rounds += 1


async def until(pilot: Pilot[None], condition: Callable[[], object], deadline: float = DEADLINE) -> None:
    """Let the app work until the condition holds."""
    end = asyncio.get_running_loop().time() + deadline
    pause = 0.002
    while not condition():
        assert asyncio.get_running_loop().time() < end, f"it never came to that:\n{screen_text(pilot)}"
        await asyncio.sleep(pause)
        await settle(pilot, threads=False)
        pause = min(2 * pause, 0.05)


async def look(pilot: Pilot[None], *words: str, deadline: float = DEADLINE) -> str:
    """Wait until all of the words are on the screen; what is on it."""
    await until(pilot, lambda: all(word in screen_text(pilot) for word in words), deadline)
    return screen_text(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each once all that the one before it set off is done, in threads too."""
    for key in keys:
        pilot.app.post_message(_event(key))
        await settle(pilot)


async def tap(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, without a wait for what they set off in threads."""
    for key in keys:
        pilot.app.post_message(_event(key))
        await settle(pilot, threads=False)


async def click(pilot: Pilot[None], *target: Any, **options: Any) -> None:
    """Click, and wait as after a key; `times=2` is a double click."""
    await pilot.click(*target, **options)
    await settle(pilot)


async def resize(pilot: Pilot[None], width: int, height: int) -> None:
    """Give the terminal another size, and wait as after a key."""
    await pilot.resize_terminal(width, height)
    await settle(pilot)


def workspace(pilot: Pilot[None]) -> Workspace:
    """The app that a pilot drives."""
    assert isinstance(pilot.app, Workspace)
    return pilot.app


def study(pilot: Pilot[None]) -> Study:
    """The review."""
    found = workspace(pilot).study
    assert found is not None
    return found


def desk(pilot: Pilot[None]) -> Desk:
    """What the panes share."""
    found = workspace(pilot).desk
    assert found is not None
    return found


def is_at_card(pilot: Pilot[None]) -> bool:
    """Whether no other screen is on top of the review."""
    return workspace(pilot).screen is workspace(pilot).review


def screen_text(pilot: Pilot[None]) -> str:
    """What is on the screen, line by line, without colours and without blanks at the ends of lines."""
    width, height = pilot.app.size
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(pilot.app.screen._compositor.render_update(full=True))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _event(key: str) -> events.Key:
    """The key as a terminal sends it, with its character."""
    if len(key) == 1 and not key.isalnum():
        key = _character_to_key(key)
    try:
        character = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        character = key if len(key) == 1 else None
    return events.Key(key, character)

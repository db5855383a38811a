"""The workspace while it works: how long its event loop is ever blocked, and how soon a demo stands after its key."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from studycli.tui.app import Workspace

BLOCK_MS = 100
KEY_MS = 150
SIZES = ((80, 24), (200, 60))
DECKS = ("heads", "attention", "efficiency", "generation")
CARDS = 20
STEPS = 5
_TICK_SECONDS = 0.005
_PATIENCE_SECONDS = 60


@dataclass
class _Seen:
    """What was seen: the longest block in each phase, and the milliseconds from `d` to the picture."""

    blocks: dict[str, float] = field(default_factory=dict)
    keys: list[float] = field(default_factory=list)
    phase: str = "while torch loads"

    async def tick(self) -> None:
        """Wake up every few milliseconds; what comes later than that is a block."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = time.perf_counter()
            late = 1000 * (now - last - _TICK_SECONDS)
            self.blocks[self.phase] = max(self.blocks.get(self.phase, 0.0), late)
            last = now


def run() -> Iterator[str]:
    """For each size: blocks in milliseconds, and the time from the demo key to the picture."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as home:
            os.environ |= {"HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
            seen = _Seen()
            asyncio.run(_review(size, seen))
        shown = ", ".join(f"{ms:.0f} ms {phase}" for phase, ms in seen.blocks.items())
        yield f"{size[0]} x {size[1]}, longest block: {shown} (limit {BLOCK_MS})"
        late = sum(ms > KEY_MS for ms in seen.keys)
        yield (
            f"{size[0]} x {size[1]}, demo key to picture: median {median(seen.keys):.0f} ms, "
            f"longest {max(seen.keys):.0f} ms of {len(seen.keys)}, {late} over {KEY_MS}"
        )


async def _review(size: tuple[int, int], seen: _Seen) -> None:
    """A review in which each card's demo is looked at."""
    from studycli import config
    from studycli.collection import Collection
    from studycli.tui.app import Opened, Workspace
    from studycli.tui.study import Study

    def open_study() -> Opened:
        collection = Collection.open(config.load())
        opened = Opened(Study(collection, collection.session(DECKS, new=CARDS, gating=False), DECKS))
        gc.freeze()  # as the command does
        return opened

    app = Workspace(open_study)
    async with app.run_test(size=size) as pilot:
        ticking = asyncio.create_task(seen.tick())
        await _until(pilot, lambda: app.desk is not None and app.review.study is not None)
        assert app.desk is not None
        await app.desk.engine.ready()
        seen.phase = "in a review with demos"
        for _ in range(CARDS):
            await _one_card(app, pilot, seen)
        ticking.cancel()
    if app.study is not None:
        app.study.collection.close()


async def _one_card(app: Workspace, pilot: Pilot[None], seen: _Seen) -> None:
    from studycli.tui.demo_pane import DemoPane

    await asyncio.sleep(1.0)  # the question is read, and its demo computed meanwhile
    started = time.perf_counter()
    pressing = asyncio.create_task(pilot.press("d"))  # a pilot waits longer than a learner, until nothing moves
    await _until(pilot, lambda: _stands(app))
    painted = asyncio.Event()
    app.call_after_refresh(painted.set)
    await painted.wait()
    seen.keys.append(1000 * (time.perf_counter() - started))
    await pressing
    assert isinstance(app.review.query_one("#pane-demo"), DemoPane)
    for _ in range(STEPS):
        await pilot.press("right")
        await asyncio.sleep(0.05)
    await pilot.press("escape", "space")
    await asyncio.sleep(0.2)
    await pilot.press("4")
    await asyncio.sleep(0.2)


def _stands(app: Workspace) -> bool:
    """Whether the demo pane shows a result."""
    from studycli.tui.demo_pane import DemoPane

    panes = app.review.query(DemoPane)
    return any(pane.view is not None for pane in panes)


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"it never came to that; the app shows {pilot.app.screen!r}")
        await asyncio.sleep(0.001)

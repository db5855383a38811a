"""The newest: reads in a thread, one thing at a time; of what is asked for meanwhile only the newest is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.widget import Widget

Read = TypeVar("Read")


class Newest:
    """For a widget that asks faster than it is answered: as one types, or runs down a list."""

    def __init__(self, owner: Widget) -> None:
        """What is read ends with its `owner`."""
        self._owner = owner
        self._next: Callable[[], Callable[[], None]] | None = None
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        """Whether something is still to come."""
        return self._is_busy

    def ask(self, read: Callable[[], Read], show: Callable[[Read], None], fail: Callable[[Exception], None]) -> None:
        """Read in a thread, then show it, or tell why not; whoever shows it looks whether it is still wanted."""
        self._next = partial(_outcome, read, show, fail)
        if not self._is_busy:
            self._is_busy = True
            self._owner.run_worker(self._work())

    async def _work(self) -> None:
        try:
            while (work := self._next) is not None:
                self._next = None
                (await asyncio.to_thread(work))()
        finally:
            self._is_busy = False


def _outcome(
    read: Callable[[], Read], show: Callable[[Read], None], fail: Callable[[Exception], None]
) -> Callable[[], None]:
    try:
        return partial(show, read())
    except Exception as error:
        # Whatever it is, the review goes on.
        return partial(fail, error)

"""Writes: what is written down in a thread, so that whoever leaves can wait for it, or need not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Thread
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class _Daemons(Executor):
    """A thread for each piece of work, which the end of the program does not wait for."""

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Result]:
        """Begin with it at once."""
        future: Future[Result] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = fn(*args, **kwargs)
                except BaseException as error:
                    future.set_exception(error)
                else:
                    future.set_result(result)

        Thread(target=work, daemon=True).start()
        return future


class Writes:
    """One write at a time. The database may be locked by another program, so each may take some seconds."""

    def __init__(self) -> None:
        self._current: asyncio.Future[Any] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether something is being written."""
        return self._current is not None and not self._current.done()

    async def do(self, work: Callable[[], Result], *, to_its_end: bool = False) -> Result:
        """Do this in a thread. The program may end before it is done, unless it has to come `to_its_end`."""
        executor = None if to_its_end else _Daemons()
        self._current = current = asyncio.get_running_loop().run_in_executor(executor, work)
        return await current

    def when_done(self, call: Callable[[], None]) -> None:
        """Call this once what is being written is written, or refused."""
        assert self._current is not None, "nothing is written"
        self._current.add_done_callback(lambda _: call())

"""Slots: requests in line for one worker, of which a newer one takes the place of an older one in its slot."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any


class Superseded(Exception):  # noqa: N818 - nothing went wrong
    """Raised to whoever waits for a request when a newer one took its place: there is nothing to show or to tell."""


@dataclass(eq=False)
class Job:
    """What is to be computed, and who waits for it, by slot. Nobody waits for what is computed ahead."""

    key: Hashable
    waiting: list[tuple[str, asyncio.Future[Any]]] = field(default_factory=list)

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits."""
        return any(not future.done() for _, future in self.waiting)

    def finish(self, result: object) -> None:
        """Give the result to those who wait."""
        for _, future in self.waiting:
            if not future.done():
                future.set_result(result)

    def fail(self, error: Exception) -> None:
        """Raise the error to those who wait."""
        for _, future in self.waiting:
            if not future.done():
                future.set_exception(error)


class Slots:
    """Jobs in line, one of them taken at a time; those that are computed ahead come last."""

    def __init__(self) -> None:
        self._line: list[Job] = []
        self._ahead: list[Hashable] = []
        self._taken: Job | None = None

    def add(self, key: Hashable, slot: str) -> asyncio.Future[Any]:
        """What will come of a job; the same one is done once, however many wait for it. Older ones of the slot go."""
        self.supersede(slot)
        self._ahead = [other for other in self._ahead if other != key]
        known = [*([self._taken] if self._taken is not None else []), *self._line]
        job = next((job for job in known if job.key == key), None)
        if job is None:
            job = Job(key)
            self._line.append(job)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        job.waiting.append((slot, future))
        return future

    def supersede(self, slot: str) -> None:
        """Raise Superseded to those who wait in this slot for a job that isn't taken yet."""
        for job in self._line:
            for own, future in job.waiting:
                if own == slot and not future.done():
                    future.set_exception(Superseded())

    def add_ahead(self, keys: Iterable[Hashable]) -> None:
        """Do these when there is nothing else to do, in place of any that were named before."""
        known = {job.key for job in self._line} | {self._taken.key if self._taken is not None else None}
        self._ahead = [key for key in dict.fromkeys(keys) if key not in known]

    def take(self) -> Job | None:
        """The next job, which is then the one that is taken; None where there is none."""
        self._line = [job for job in self._line if job.wanted]
        if self._line:
            self._taken = self._line.pop(0)
        else:
            self._taken = Job(self._ahead.pop(0)) if self._ahead else None
        return self._taken

    def cancel(self) -> None:
        """Cancel everything."""
        for job in [*self._line, *([self._taken] if self._taken is not None else [])]:
            for _, future in job.waiting:
                future.cancel()
        self._line, self._ahead, self._taken = [], [], None

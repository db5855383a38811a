"""Engine process: demos and computed answers for the workspace, computed elsewhere, so that no key ever waits."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from studycli.demos.request import DemoRequest
from studycli.errors import EngineError, StudyError
from studycli.tui.slots import Slots, Superseded
from studycli.tui.worker_process import WorkerProcess

if TYPE_CHECKING:
    from concurrent.futures import Future

    from studycli.demos.wire import Reply, Request
    from studycli.model.review import StudyCard
    from studycli.model.trace import DemoResult

__all__ = ["DemoRequest", "EngineProcess", "State", "Superseded"]

State = Literal["idle", "starting", "ready", "failed", "closed"]

_KEPT = 24
_GOODBYE = 2.0
"""So many seconds are waited for a killed process to be gone."""


@dataclass(frozen=True, eq=False)
class _Answer:
    """A computed card to fill. No two are the same job."""

    study: StudyCard
    given: int


class EngineProcess:
    """The engine in a process of its own, asked for one thing after the other.

    Requests wait in line; in each `slot`, such as a pane's name, only the newest does: those before it raise Superseded
    to their callers, which should then do nothing. The request that is being computed is never superseded. When the
    process ends or takes longer than a limit, the request raises EngineError, and the next one starts a new process.
    Everything belongs to one event loop; nothing here blocks it.
    """

    def __init__(self, *, limit: float = 60.0, start_limit: float = 120.0) -> None:
        """`limit` is how many seconds a request may take, `start_limit` how many the process until it is ready."""
        self._limit = limit
        self._start_limit = start_limit
        self._worker: WorkerProcess | None = None
        self._failure: StudyError | None = None
        self._closed = False
        self._slots = Slots()
        self._serving: asyncio.Task[None] | None = None
        self._kept: OrderedDict[DemoRequest, DemoResult] = OrderedDict()

    @property
    def state(self) -> State:
        """Whether the process was never started, loads torch, can answer, ended or failed, or was closed."""
        if self._closed:
            return "closed"
        if self._worker is None:
            return "idle" if self._failure is None else "failed"
        if not self._worker.ready.done():
            return "starting"
        return "failed" if self._worker.ready.exception() is not None or not self._worker.alive else "ready"

    @property
    def failure(self) -> StudyError | None:
        """Why the process failed last, where it did since it was last started."""
        return self._failure

    @property
    def pid(self) -> int | None:
        """The process's number, where there is one."""
        return None if self._worker is None else self._worker.pid

    def start(self) -> None:
        """Start the process, unless it is there, and don't wait for it. Raises nothing: `ready` tells."""
        if self._closed or (self._worker is not None and self._worker.alive):
            return
        self._failure = None
        try:
            self._worker = WorkerProcess()
        except EngineError as error:
            self._worker, self._failure = None, error

    async def ready(self) -> None:
        """Wait until the process can answer. Raises MissingError where torch can't be loaded, else EngineError."""
        await self._ready_worker()

    async def run(self, request: DemoRequest, slot: str = "demo") -> DemoResult:
        """What a demo computes; at once where it is one of the last results.

        Raises Superseded, what `registry.run` raises, and EngineError where it can't be computed.
        """
        if (known := self.cached(request)) is not None:
            self._slots.supersede(slot)
            return known
        return cast("DemoResult", await self._queued(request, slot))

    async def answer(self, study: StudyCard, given: int, slot: str = "answer") -> StudyCard:
        """A computed card as `filling.answered` fills it after so many answers; any other card as it is.

        Raises Superseded, and EngineError where the process cannot answer; what a template raises stands in the card.
        """
        from studycli.demos.computed import filling

        if not filling.is_computed(study.card):
            return study
        return cast("StudyCard", await self._queued(_Answer(study, given), slot))

    def cached(self, request: DemoRequest) -> DemoResult | None:
        """The result, if it is one of the last ones."""
        if request in self._kept:
            self._kept.move_to_end(request)
        return self._kept.get(request)

    def prefetch(self, *requests: DemoRequest) -> None:
        """Compute these while nothing else is asked for, in place of those that still wait from the last time.

        What comes of them is in `cached`; an error is told to whoever runs it. This starts no process: nothing happens
        before the first start, nor after a failure, so that what is broken isn't started over and over.
        """
        if self.state not in ("starting", "ready"):
            return
        self._slots.add_ahead(request for request in requests if request not in self._kept)
        self._serve()

    async def close(self) -> None:
        """Kill the process, whatever it computes, and cancel those who wait for it. The second time does nothing."""
        self._closed = True
        self._slots.cancel()
        if self._serving is not None:
            self._serving.cancel()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            await asyncio.to_thread(worker.join, _GOODBYE)

    async def _queued(self, key: DemoRequest | _Answer, slot: str) -> object:
        if self._closed:
            raise EngineError("the engine was closed")
        future = self._slots.add(key, slot)
        self._serve()
        return await future

    def _serve(self) -> None:
        if self._serving is None:
            self._serving = asyncio.get_running_loop().create_task(self._work(), name="engine process")

    async def _work(self) -> None:
        """Do one job after the other until there is none."""
        try:
            while (job := self._slots.take()) is not None:
                key = cast("DemoRequest | _Answer", job.key)
                try:
                    job.finish(await self._done(key))
                except Exception as error:  # whoever asked has to hear of it, and the next job to be done
                    job.fail(error)
        finally:
            self._serving = None

    async def _done(self, key: DemoRequest | _Answer) -> object:
        worker = await self._ready_worker()
        reply = await self._within(self._limit, worker, worker.ask(_request(key)))
        if isinstance(key, _Answer):
            assert reply.answer is not None
            card = key.study.card.model_copy(update=reply.answer.model_dump())
            return key.study.model_copy(update={"card": card})
        assert reply.demo is not None
        self._keep(key, reply.demo)
        return reply.demo

    async def _ready_worker(self) -> WorkerProcess:
        self.start()
        if self._worker is None:
            raise self._failure or EngineError("the engine was closed")
        worker = self._worker
        await self._within(self._start_limit, worker, worker.ready)
        return worker

    async def _within(self, seconds: float, worker: WorkerProcess, reply: Future[Reply]) -> Reply:
        """The reply; where it takes longer, the worker is killed. Raises what came of it."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(reply), seconds)
        except TimeoutError:
            worker.kill()
            error: StudyError = EngineError(
                f"the engine stopped: this took longer than {seconds:g} seconds",
                hint="try a shorter text or smaller settings; the next demo starts it anew",
            )
            self._fail(worker, error)
            raise error from None
        except StudyError as error:
            if not worker.alive or worker.ready.exception() is not None:
                self._fail(worker, error)
            raise

    def _fail(self, worker: WorkerProcess, error: StudyError) -> None:
        if self._worker is worker:
            self._worker, self._failure = None, error

    def _keep(self, request: DemoRequest, result: DemoResult) -> None:
        self._kept[request] = result
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _request(key: DemoRequest | _Answer) -> Request:
    from studycli.demos import wire

    if isinstance(key, _Answer):
        return wire.Request(answer=wire.Asked(study=key.study, given=key.given))
    return wire.Request(demo=key)

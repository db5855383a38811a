"""The engine's process: real ones, asked, overtaken, killed and closed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studycli.demos import checked_request, registry
from studycli.demos.computed import filling
from studycli.demos.request import DemoRequest
from studycli.errors import EngineError, MissingError, UsageError
from studycli.tui.engine_process import EngineProcess, Superseded
from tests import torch_stand_ins
from tests.computed_cards import computed
from tests.memory_ledger import study_card

CAT = DemoRequest("scaled-dot-product", "The cat sat.")


class Shared:
    """One engine for several tests, on one event loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.engine = EngineProcess()
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self._runner.run(work)


async def started(engine: EngineProcess) -> None:
    """Start it, for whichever test comes first."""
    assert engine.state == "idle"
    engine.prefetch(CAT)
    assert engine.state == "idle"  # nothing that is only made ahead starts it
    engine.start()
    assert engine.state == "starting"
    await engine.ready()
    assert engine.state == "ready"


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with asyncio.Runner() as runner:
        shared = Shared(runner)
        runner.run(started(shared.engine))
        yield shared
        pid = shared.engine.pid
        runner.run(shared.engine.close())
        assert gone(pid)


async def turns(count: int = 5) -> None:
    """Let everything that is ready go on, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def seeds(*numbers: int) -> list[DemoRequest]:
    return [replace(CAT, seed=number) for number in numbers]


def gone(pid: int | None) -> bool:
    """Whether our child of this number is no more, not even as a zombie."""
    assert pid is not None
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def kill(pid: int | None) -> None:
    """Kill our child, and wait until it is dead, but leave it to its owner to notice."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_it_computes_what_a_demo_gives(shared: Shared) -> None:
    async def work() -> None:
        engine = shared.engine
        assert engine.pid is not None
        assert os.getsid(engine.pid) != os.getsid(0)  # no key in the terminal reaches it
        assert await engine.run(CAT) == registry.run(CAT.name, checked_request.inputs(CAT))

    shared.run(work())


def test_a_slider_that_asks_twenty_times_gets_what_runs_and_the_last(shared: Shared) -> None:
    async def work() -> None:
        requests = seeds(*range(100, 120))
        asked = [asyncio.ensure_future(shared.engine.run(requests[0]))]
        await turns()
        asked += [asyncio.ensure_future(shared.engine.run(request)) for request in requests[1:]]
        beside = asyncio.ensure_future(shared.engine.run(*seeds(99), slot="beside"))
        first, *middle, last = await asyncio.gather(*asked, return_exceptions=True)
        assert not isinstance(first, BaseException)
        assert not isinstance(last, BaseException)
        assert (first.inputs["seed"], last.inputs["seed"]) == (100, 119)
        assert [type(error) for error in middle] == [Superseded] * 18
        assert (await beside).inputs["seed"] == 99
        assert [shared.engine.cached(request) is not None for request in requests] == [True, *[False] * 18, True]

    shared.run(work())


def test_a_result_is_kept_and_supersedes_what_waits(shared: Shared) -> None:
    async def work() -> None:
        engine = shared.engine
        known = await engine.run(CAT)
        running = asyncio.ensure_future(engine.run(*seeds(200)))
        await turns()
        waiting = asyncio.ensure_future(engine.run(*seeds(201)))
        await turns()
        assert await engine.run(CAT) is known
        with pytest.raises(Superseded):
            await waiting
        assert (await running).inputs["seed"] == 200
        assert engine.cached(seeds(201)[0]) is None

    shared.run(work())


def test_only_so_many_results_are_kept_and_the_ones_last_looked_at(shared: Shared) -> None:
    async def work() -> None:
        await shared.engine.run(CAT)
        for request in seeds(*range(300, 330)):
            await shared.engine.run(request)
            assert shared.engine.cached(CAT) is not None
        kept = [request.seed for request in seeds(*range(300, 330)) if shared.engine.cached(request) is not None]
        assert kept == list(range(330 - len(kept), 330))
        assert 0 < len(kept) < 30

    shared.run(work())


def test_what_is_prefetched_is_there_but_waits_for_what_is_asked(shared: Shared) -> None:
    async def work() -> None:
        engine = shared.engine
        old, first, second, asked = seeds(400, 401, 402, 403)
        engine.prefetch(old)
        engine.prefetch(first, second)
        await engine.run(asked)
        assert engine.cached(first) is None
        await engine.run(second)
        await engine.run(replace(asked, seed=404))
        assert engine.cached(second) is not None
        assert engine.cached(old) is None

    shared.run(work())


def test_a_demo_that_fails_raises_its_own_error_and_the_next_one_runs(shared: Shared) -> None:
    async def work() -> None:
        engine, pid = shared.engine, shared.engine.pid
        engine.prefetch(replace(CAT, device="tpu"))
        with pytest.raises(UsageError, match="there is no device 'tpu'") as raised:
            await engine.run(replace(CAT, device="tpu"))
        assert raised.value.hint
        with pytest.raises(EngineError, match="cannot be sent"):
            await engine.run(replace(CAT, text="\ud800"))
        with pytest.raises(UsageError, match="cannot read"):
            await engine.run(replace(CAT, layer="x"))  # type: ignore[arg-type]
        assert (await engine.run(*seeds(500))).inputs["seed"] == 500
        assert (engine.state, engine.pid, engine.failure) == ("ready", pid, None)

    shared.run(work())


def test_a_computed_card_is_filled_as_in_this_process(shared: Shared) -> None:
    async def work() -> None:
        study = computed()
        for given in range(3):
            assert await shared.engine.answer(study, given) == filling.answered(study, given)

    shared.run(work())


def test_a_process_that_is_killed_is_told_and_the_next_request_starts_another(shared: Shared) -> None:
    async def work() -> None:
        engine, pid = shared.engine, shared.engine.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # so that it is certainly busy
        running = asyncio.ensure_future(engine.run(*seeds(600)))
        await turns()
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineError, match="the engine stopped: it was killed") as raised:
            await running
        assert (engine.state, engine.failure) == ("failed", raised.value)
        engine.prefetch(*seeds(601))
        assert engine.state == "failed"
        assert (await engine.run(*seeds(600))).inputs["seed"] == 600
        assert (engine.state, engine.failure) == ("ready", None)
        assert engine.pid != pid

    shared.run(work())


def test_a_process_that_died_unasked_is_replaced_without_a_word(shared: Shared) -> None:
    async def work() -> None:
        await shared.engine.ready()
        kill(shared.engine.pid)
        assert (await shared.engine.run(*seeds(700))).inputs["seed"] == 700

    shared.run(work())


def test_a_request_that_takes_too_long_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_stand_ins.failing(tmp_path)
    monkeypatch.chdir(tmp_path)  # whose torch.py must not be found

    async def work() -> None:
        engine = EngineProcess(limit=0)
        await engine.ready()
        pid = engine.pid
        with pytest.raises(EngineError, match="took longer than 0 seconds"):
            await engine.run(CAT)
        assert engine.state == "failed"
        assert pid is not None
        await engine.close()
        while not gone(pid):
            await asyncio.sleep(0)

    asyncio.run(work())


def test_a_process_that_is_never_ready_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(torch_stand_ins.hanging(tmp_path)))

    async def work() -> None:
        engine = EngineProcess(start_limit=0)
        engine.start()
        pid = engine.pid
        with pytest.raises(EngineError, match="took longer"):
            await engine.ready()
        while not gone(pid):
            await asyncio.sleep(0)
        assert engine.state == "failed"

    asyncio.run(work())


def test_a_torch_that_cannot_be_loaded_is_told_and_not_tried_ahead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(torch_stand_ins.failing(tmp_path)))

    async def work() -> None:
        engine = EngineProcess()
        with pytest.raises(MissingError, match="ImportError: libtorch") as raised:
            await engine.run(CAT)
        assert raised.value.hint
        assert engine.state == "failed"
        engine.prefetch(CAT)
        await turns()
        assert engine.pid is None
        with pytest.raises(MissingError):
            await engine.ready()
        await engine.close()

    asyncio.run(work())


def test_closing_ends_a_busy_process_and_those_who_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(torch_stand_ins.hanging(tmp_path)))

    async def work() -> None:
        engine = EngineProcess()
        waiting = [asyncio.ensure_future(engine.run(request, slot)) for slot in "ab" for request in seeds(ord(slot))]
        engine.prefetch(*seeds(3))
        await turns()
        pid = engine.pid
        await engine.close()
        assert gone(pid)
        done = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in done] == [asyncio.CancelledError] * 2
        assert engine.state == "closed"
        await engine.close()
        engine.start()
        engine.prefetch(CAT)
        assert engine.pid is None
        with pytest.raises(EngineError, match="closed"):
            await engine.run(CAT)

    asyncio.run(work())


def test_a_card_without_templates_needs_no_process() -> None:
    async def work() -> None:
        engine, card = EngineProcess(), study_card(1)
        assert await engine.answer(card, 3) is card
        assert engine.state == "idle"
        await engine.close()

    asyncio.run(work())


def test_an_abandoned_request_leaves_the_process_usable(shared: Shared) -> None:
    async def work() -> None:
        running, waiting = (asyncio.ensure_future(shared.engine.run(r, str(r.seed))) for r in seeds(800, 801))
        await turns()
        running.cancel()
        waiting.cancel()
        assert (await shared.engine.run(*seeds(802))).inputs["seed"] == 802
        assert shared.engine.cached(seeds(801)[0]) is None

    shared.run(work())


def test_importing_it_loads_nothing_that_takes_long() -> None:
    code = "import sys, studycli.tui.engine_process\nprint(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "textual", "pydantic", "rich"} & set(done.stdout.split())

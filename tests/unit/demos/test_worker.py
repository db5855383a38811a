"""The worker: a real process, asked line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from studycli.demos import checked_request, registry
from studycli.demos.computed import filling
from studycli.demos.request import DemoRequest
from studycli.demos.wire import Asked, Reply, Request
from tests import torch_stand_ins
from tests.computed_cards import computed

COMMAND = [sys.executable, "-m", "studycli.demos.worker"]
Worker = subprocess.Popen[bytes]


@contextmanager
def started(*path: Path) -> Iterator[Worker]:
    """A worker that finds modules in `path` first; it is killed afterwards."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, path), *sys.path])}
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with started() as process:
        assert reply(process).ready
        yield process


def reply(worker: Worker) -> Reply:
    assert worker.stdout is not None
    return Reply.model_validate_json(worker.stdout.readline())


def ask(worker: Worker, line: bytes) -> Reply:
    assert worker.stdin is not None
    worker.stdin.write(line + b"\n")
    worker.stdin.flush()
    return reply(worker)


def ask_for(worker: Worker, **request: Any) -> Reply:
    return ask(worker, Request(**request).model_dump_json(exclude_unset=True).encode())


def test_it_stands_back(worker: Worker) -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, worker.pid) > own or own == 19


REQUESTS = [
    DemoRequest("scaled-dot-product", "The cat sat.", seed=3),
    DemoRequest("multi-head", "The cat sat.", head=1),
    DemoRequest("mixture-of-experts", "The cat sat.", parameters=(("experts", 4),)),
    DemoRequest("multi-head", "The cat sat.", edits=("z[head=1]=0",)),
    DemoRequest("scaled-dot-product", "The cat sat.", edits=("scores=1e38",)),
    DemoRequest.for_demo(registry.find("generation")),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.name)
def test_a_demo_is_computed_as_in_this_process(worker: Worker, request_: DemoRequest) -> None:
    assert ask_for(worker, demo=request_).demo == registry.run(request_.name, checked_request.inputs(request_))


def test_the_whole_has_every_head(worker: Worker) -> None:
    request = DemoRequest("multi-head", "The cat sat.", head=1, whole=True)
    whole = ask_for(worker, demo=request).demo
    assert whole == registry.whole(request.name, checked_request.inputs(request))
    assert whole != registry.run(request.name, checked_request.inputs(request))


def test_a_computed_card_is_filled(worker: Worker) -> None:
    study = computed(brief_back="{{compute: attention-weights(scores=scores, d_k=d_k)}}")
    for given in range(3):
        sides = ask_for(worker, answer=Asked(study=study, given=given)).answer
        assert sides is not None
        card = filling.answered(study, given).card
        assert (sides.front, sides.back, sides.brief_back) == (card.front, card.back, card.brief_back)


@pytest.mark.parametrize(
    ("request_", "kind", "told"),
    [
        (DemoRequest("scaled-dot-prodct"), "UsageError", "there is no demo"),
        (DemoRequest("scaled-dot-product", device="tpu"), "UsageError", "there is no device"),
        (DemoRequest("scaled-dot-product", edits=("nothing=0",)), "UsageError", "there is no value 'nothing'"),
        (DemoRequest("scaled-dot-product", text=" \n"), "UsageError", "the text has no words"),
    ],
)
def test_an_error_says_what_and_what_to_do(worker: Worker, request_: DemoRequest, kind: str, told: str) -> None:
    error = ask_for(worker, demo=request_).error
    assert error is not None
    assert (error.kind, told in error.message, bool(error.hint)) == (kind, True, True)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"run",
        b"\x00\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"demo": null}',
        b'{"demo": {"name": 1}}',
        b'{"demo": {"name": "multi-head", "seed": 1e999}}',
        b'{"demo": {"name": "multi-head", "seed": NaN}}',
        b'{"demo": {"name": "multi-head", "layer": "0"}}' * 2,
        b'{"demo": {"name": "multi-head", "text": "\\ud800"}}',
        b'{"demo": {"name": "os:system"}}',
        b'{"demo": {"name": "multi-head"}, "answer": {}}',
        b'{"answer": {"study": {}, "given": 0}}',
        b'{"run": {"name": "multi-head"}}',
        b'{"demo": {"name": "' + b"x" * 3_000_000 + b'"}}',
    ],
    ids=lambda line: repr(line[:40]),
)
def test_a_hostile_line_gets_an_error_and_the_next_one_its_answer(worker: Worker, line: bytes) -> None:
    error = ask(worker, line).error
    assert error is not None
    assert error.message
    assert "Traceback" not in error.model_dump_json()
    assert len(error.message) < 500
    assert ask_for(worker, demo=DemoRequest("scaled-dot-product", "one word")).demo is not None


def test_a_torch_that_fails_is_told_in_the_first_line_and_nothing_else_is_written(tmp_path: Path) -> None:
    with started(torch_stand_ins.failing(tmp_path)) as process:
        assert process.stdout is not None
        (line,) = process.stdout.read().splitlines()
        error = json.loads(line)["error"]
        assert error["kind"] == "MissingError"
        assert "torch cannot be loaded: ImportError: libtorch.so is damaged" in error["message"]
        assert process.wait() == 1


def test_it_ends_with_its_input_while_it_is_busy(tmp_path: Path) -> None:
    with started(torch_stand_ins.hanging(tmp_path)) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    parent = (
        "import subprocess, sys, threading\n"
        f"child = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    path = os.pathsep.join([str(torch_stand_ins.hanging(tmp_path)), *sys.path])
    pipe = subprocess.PIPE
    environment = os.environ | {"PYTHONPATH": path}
    with subprocess.Popen([sys.executable, "-c", parent], stdout=pipe, stderr=pipe, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert int(process.stdout.readline()) != process.pid
        noise = process.stderr.readline()  # the worker is loading torch, which writes to its standard error
        process.kill()
        assert b"noise" in noise
        assert b"Traceback" not in process.stderr.read()  # until the last one who could write to it is gone

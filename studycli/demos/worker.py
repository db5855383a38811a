"""Worker: a process that computes demos and the answers of computed cards, asked by lines of JSON.

`python -m studycli.demos.worker` reads a `wire.Request` a line on standard input and answers each, in order, with a
`wire.Reply` a line on standard output, after a first one that says that it is ready. When standard input ends, so does
the process, at once: whoever closed it waits for no answer.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from studycli.demos import checked_request, registry, wire
from studycli.demos.computed import filling
from studycli.demos.request import DemoRequest
from studycli.errors import MissingError, UsageError
from studycli.model.trace import DemoResult

_NICENESS = 5
_MOST_THREADS = 4
_FIRST = ("scaled-dot-product", "multi-head", "kv-cache")
"""The demos whose modules are there when the process says that it is ready; the others follow while it has time."""


def main() -> int:
    """Serve until standard input ends; 1 where torch cannot be loaded."""
    replies = _replies()
    _stand_back()
    requests: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read, args=(requests,), daemon=True).start()
    try:
        import_module("torch")
        for name in _FIRST:
            _load(name)
    except Exception as error:  # a broken installation may raise anything
        _send(replies, wire.Reply(error=_unloadable(error)).line())
        return 1
    _send(replies, wire.Reply(ready=True).line())
    for name in registry.DEMOS:
        while not requests.empty():
            _send(replies, answer(requests.get()))
        with contextlib.suppress(Exception):  # told to whoever asks for this demo
            _load(name)
    while True:
        _send(replies, answer(requests.get()))


def answer(line: bytes) -> bytes:
    """The line that answers a line; whatever goes wrong is an error in it."""
    try:
        return _answered(_parsed(line)).line()
    except Exception as error:
        return wire.Reply(error=wire.Failure.of(error)).line()


def _parsed(line: bytes) -> wire.Request:
    try:
        request = wire.Request.model_validate_json(line)
    except ValueError as error:
        raise UsageError("the engine was asked for what it cannot read", hint="a request is a line of JSON") from error
    if (request.demo is None) == (request.answer is None):
        raise UsageError("the engine was asked for nothing", hint="a request has a demo or an answer")
    return request


def _answered(request: wire.Request) -> wire.Reply:
    if request.demo is not None:
        return wire.Reply(demo=_computed(request.demo))
    assert request.answer is not None
    card = filling.answered(request.answer.study, request.answer.given).card
    return wire.Reply(answer=wire.Sides.model_validate({side: getattr(card, side) for side in wire.Sides.model_fields}))


def _computed(request: DemoRequest) -> DemoResult:
    inputs = checked_request.inputs(request)
    return registry.whole(request.name, inputs) if request.whole else registry.run(request.name, inputs)


def _replies() -> BinaryIO:
    """Standard output for replies alone: whatever else is written there, by C code too, goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return replies


def _stand_back() -> None:
    """Leave the first core to whoever asks: a lower priority, for good, and threads for the other cores alone.

    OpenMP reads its variable when torch is loaded; one that is set already stays.
    """
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    spare = len(os.sched_getaffinity(0)) - 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) - 1
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, min(_MOST_THREADS, spare))))


def _read(requests: SimpleQueue[bytes]) -> None:
    with contextlib.suppress(OSError):
        for line in sys.stdin.buffer:
            requests.put(line)
    os._exit(0)  # whatever is being computed: nobody is there to read it


def _load(name: str) -> None:
    import_module(registry.DEMOS[name].target.partition(":")[0])


def _unloadable(error: Exception) -> wire.Failure:
    hint = f"{sys.executable} -c 'import torch' shows why"
    return wire.Failure.of(MissingError(f"torch cannot be loaded: {wire.named(error)}", hint=hint))


def _send(replies: BinaryIO, line: bytes) -> None:
    try:
        replies.write(line)
        replies.flush()
    except OSError:  # who asked is gone
        os._exit(0)


if __name__ == "__main__":
    os._exit(main())  # the thread that reads holds standard input, which an orderly end would wait for

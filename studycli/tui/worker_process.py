"""Worker process: one process that computes demos, started, asked and ended without waiting for it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING

from studycli.errors import EngineError

if TYPE_CHECKING:
    from studycli.demos.wire import Reply, Request

_MODULE = "studycli.demos.worker"
_BUFFER = 1 << 16
_GRACE = 5.0
"""So many seconds a process that closed its streams may take to end."""


_AGAIN = "the next demo starts it anew"


class WorkerProcess:
    """A running worker. A thread of its own talks to it, since writing, reading and parsing all take time.

    `ready` is done once the worker has loaded torch, and holds the StudyError where it could not.
    """

    def __init__(self) -> None:
        """Start the process. Raises EngineError where it cannot be."""
        self.ready: Future[Reply] = _promised()
        self._asked: SimpleQueue[tuple[Request, Future[Reply]] | None] = SimpleQueue()
        self._process = _started()
        self._thread = Thread(target=self._talk, daemon=True, name=f"{_MODULE} {self._process.pid}")
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._thread.is_alive() and self._process.poll() is None

    def ask(self, request: Request) -> Future[Reply]:
        """The reply, once it is there; or the StudyError that came of it, EngineError where the process ended."""
        reply: Future[Reply] = _promised()
        self._asked.put((request, reply))
        return reply

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self._process.kill()
        self._asked.put(None)

    def join(self, seconds: float) -> None:
        """Wait until the process is gone, but no longer than that."""
        self._thread.join(seconds)

    def _talk(self) -> None:
        with contextlib.suppress(BrokenPipeError), self._process as process:
            assert process.stdin is not None
            assert process.stdout is not None
            self._settle(self.ready, b"", process.stdin, process.stdout)
            while self.ready.exception() is None and (asked := self._asked.get()) is not None:
                request, reply = asked
                try:
                    line = request.model_dump_json(exclude_unset=True, warnings=False).encode() + b"\n"
                except ValueError:  # half a character, which no encoding knows
                    reply.set_exception(EngineError("this text cannot be sent to the engine", hint="type it anew"))
                else:
                    self._settle(reply, line, process.stdin, process.stdout)
            process.kill()

    def _settle(self, reply: Future[Reply], line: bytes, to: IO[bytes], of: IO[bytes]) -> None:
        """Send a line, read the next one, and settle the reply by it. A process of which none comes is ended."""
        from studycli.demos.wire import Reply

        try:
            to.write(line)
            to.flush()
            found = Reply.model_validate_json(of.readline())
        except Exception:  # whoever waits has to hear of it: no reply came, or none that can be read
            reply.set_exception(self._ended())
            return
        if found.error is not None:
            reply.set_exception(found.error.error())
        else:
            reply.set_result(found)

    def _ended(self) -> EngineError:
        """How the process ended, in words; one that goes on without a reply that can be read is ended."""
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return EngineError("the engine stopped: its reply could not be read", hint=_AGAIN)
        if code == -signal.SIGKILL:
            return EngineError("the engine stopped: it was killed, perhaps for the memory it took", hint=_AGAIN)
        if code < 0:
            return EngineError(f"the engine stopped: signal {-code} ended it", hint=_AGAIN)
        hint = f"{sys.executable} -m {_MODULE} may show why"
        return EngineError(f"the engine stopped by itself, with exit code {code}", hint=hint)


def _promised() -> Future[Reply]:
    """A future that cannot be cancelled by those who wait for it: others may wait too."""
    future: Future[Reply] = Future()
    future.set_running_or_notify_cancel()
    return future


def _started() -> subprocess.Popen[bytes]:
    """The process, in a session of its own: no key in the terminal reaches it, and it paints nothing there.

    It finds modules where this process does, and, by `-P`, never in the folder that the learner happens to be in.
    """
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE],
            bufsize=_BUFFER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"the engine cannot be started: {error.strerror}", hint=_AGAIN) from error

"""A real `studycli serve` for tests: started on a free port, watched, and ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

DEADLINE = 60.0


class Serving:
    """The program, and the address that it printed."""

    def __init__(self, *arguments: str, home: Path | None = None) -> None:
        """`home` is where its store is, if not in the test's own home."""
        data = {} if home is None else {"XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
        command = [sys.executable, "-m", "studycli", "serve", "--port", "0", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | data
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Your review is at http://"), line + self.end()[1]
        self.address = line.split()[4]

    def end(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        """Send a signal and wait; gives what came on stdout since, and on stderr."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=DEADLINE)


@contextlib.contextmanager
def serving(*arguments: str, home: Path | None = None) -> Iterator[Serving]:
    """A server for as long as the body runs."""
    served = Serving(*arguments, home=home)
    try:
        yield served
    finally:
        assert served.process.stdout is not None
        if not served.process.stdout.closed:
            served.end()


def descendants(pid: int) -> set[int]:
    """The processes that this one started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold anything.
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            parents.setdefault(int(after_name[1]), []).append(int(folder.name))
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found.update(children)
        waiting += children
    return found


def wait_until_gone(pids: set[int]) -> None:
    """Wait until none of these processes runs any more."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            ended = os.pidfd_open(pid)
            try:
                assert select.select([ended], [], [], DEADLINE)[0], f"process {pid} goes on"
            finally:
                os.close(ended)

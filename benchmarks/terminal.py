"""A program in a pseudo-terminal of 120 x 40, and when it first shows a word."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
from collections.abc import Callable, Sequence

_COLUMNS, _ROWS = 120, 40
_PATIENCE_SECONDS = 30


def first_shown(arguments: Sequence[str], word: str, **environment: str) -> Callable[[], None]:
    """A contender that starts a Python process, waits until it shows the word, and ends it there."""

    def run() -> None:
        process, terminal = _spawn(
            [sys.executable, *arguments], {**os.environ, "TERM": "xterm-256color", **environment}
        )
        try:
            _wait_for(word.encode(), terminal)
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(terminal)

    return run


def _spawn(command: Sequence[str], environment: dict[str, str]) -> tuple[int, int]:
    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    streams = [(os.POSIX_SPAWN_DUP2, side, number) for number in range(3)]
    process = os.posix_spawn(command[0], command, environment, file_actions=streams)
    os.close(side)
    return process, terminal


def _wait_for(word: bytes, terminal: int) -> None:
    shown = b""
    while word not in shown:
        if not select.select([terminal], [], [], _PATIENCE_SECONDS)[0]:
            raise RuntimeError(f"it never showed {word!r}, but {shown[-2000:]!r}")
        try:
            shown += os.read(terminal, 65536)
        except OSError as error:  # the program ended
            raise RuntimeError(f"it ended without {word!r}, after {shown[-2000:]!r}") from error

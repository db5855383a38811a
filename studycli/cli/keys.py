"""Single keys from a terminal: read without Enter, and the terminal's settings put back whatever happens."""

from __future__ import annotations

import codecs
import os
import re
import select
import signal
import termios
import time
import tty
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

END = "end of input"
_SETTLING = 0.05
RESIZED = "the terminal has another size"
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
_NAMES = {
    "\r": "enter", "\n": "enter", " ": "space", "\x04": END, "\x1b": "escape", "\x1b[6~": "space", "\x1b[B": "space",
}  # fmt: skip


def split_keys(text: str) -> list[str]:
    """The keys in what a terminal sent: characters, or names such as 'space', 'enter'; other sequences whole."""
    keys = []
    position = 0
    while position < len(text):
        match = _ESCAPE_SEQUENCE.match(text, position)
        sent = match.group() if match else text[position]
        keys.append(_NAMES.get(sent, sent))
        position += len(sent)
    return keys


class Keyboard:
    """The keys of one terminal, one at a time; `END` when the terminal is gone or Ctrl-D is pressed.

    `RESIZED` comes between them when there is something to read from the descriptor `resizes`.
    """

    def __init__(self, descriptor: int, resizes: int) -> None:
        self._descriptor = descriptor
        self._resizes = resizes
        self._waiting: deque[str] = deque()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self) -> str:
        """The next key; waits for it."""
        while not self._waiting:
            try:
                if self._resizes in select.select([self._descriptor, self._resizes], [], [])[0]:
                    # A window that is dragged sends many of these; the last size counts.
                    time.sleep(_SETTLING)
                    os.read(self._resizes, 1024)
                    return RESIZED
                sent = os.read(self._descriptor, 1024)
            except OSError:
                return END
            if not sent:
                return END
            self._waiting += split_keys(self._decoder.decode(sent))
        return self._waiting.popleft()


@contextmanager
def single_keys(descriptor: int) -> Iterator[Keyboard]:
    """Turn off line editing and echo while inside. Ctrl-C still interrupts, Ctrl-Z stops with the terminal put back."""
    before = termios.tcgetattr(descriptor)

    def restore() -> None:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def stop(number: int, frame: FrameType | None) -> None:
        restore()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, stop)
        tty.setcbreak(descriptor, termios.TCSADRAIN)

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    resizes, resized = os.pipe()
    os.set_blocking(resized, False)

    def resize(number: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(resized, b"\n")

    handlers = {signal.SIGTSTP: stop, signal.SIGTERM: end, signal.SIGWINCH: resize}
    former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield Keyboard(descriptor, resizes)
    finally:
        restore()
        for number, handler in former.items():
            signal.signal(number, handler)
        os.close(resizes)
        os.close(resized)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back while a grade is written down; it takes effect right after."""
    pressed = False

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True

    former = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
    if pressed:
        raise KeyboardInterrupt

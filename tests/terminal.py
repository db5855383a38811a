"""A real terminal for tests: one program in one tmux window."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.serving import descendants

DEADLINE = 60.0
_PERSONAL = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "ACCESSIBLE", "VISUAL", "EDITOR", "TMUX")
"""What the terminal has of its own, whatever the one has in which the tests run."""


class Terminal:
    """One program in one tmux window of its own server. Screens are read again whenever the program wrote something."""

    def __init__(self, command: list[str], width: int = 80, height: int = 24) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="tmux")  # a socket's path must be short
        folder = Path(self.folder.name)
        self.socket = str(folder / "socket")
        settings = folder / "tmux.conf"
        settings.write_text("set -g remain-on-exit on\nset -g status off\nset -g default-terminal screen-256color\n")
        size = ["-x", str(width), "-y", str(height)]
        # tmux loses the exit status of a pane now and then, so the shell around the program keeps it.
        self.status = folder / "status"
        around = ["bash", "-c", f"trap : INT; \"$@\"; echo $? > '{self.status}'", "review"]
        self.tmux("-f", str(settings), "new-session", "-d", "-s", "review", *size, *around, *command)
        activity = folder / "activity"
        os.mkfifo(activity)
        self.activity = os.open(activity, os.O_RDWR | os.O_NONBLOCK)
        self.tmux("pipe-pane", "-t", "review", f"cat > '{activity}'")

    def tmux(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
        command = ["tmux", "-u", "-S", self.socket, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment | {"LC_ALL": "C.UTF-8"}
        )
        return done.stdout

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p", "-t", "review")

    def scrollback(self) -> str:
        return self.tmux("capture-pane", "-p", "-S", "-", "-t", "review")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "review", *keys)

    def wait_for(self, *texts: str, gone: str | None = None, deadline: float = DEADLINE) -> str:
        """The screen once all `texts` are on it (and `gone` is not). A screen may be read while it is being drawn."""
        end = time.monotonic() + deadline
        while True:
            screen = self.screen()
            missing = [text for text in texts if text not in screen]
            if not missing and (gone is None or gone not in screen):
                return screen
            is_over = time.monotonic() > end or "Pane is dead" in screen
            assert not is_over, f"no {missing or texts} on the screen:\n{screen}"
            if select.select([self.activity], [], [], 0.5)[0]:
                os.read(self.activity, 65536)

    def exit_code(self, deadline: float = DEADLINE) -> int:
        end = time.monotonic() + deadline
        while not (status := self.status.read_text() if self.status.exists() else ""):
            assert time.monotonic() < end, f"the program goes on:\n{self.screen()}"
            select.select([self.activity], [], [], 0.1)
        return int(status)

    def close(self) -> None:
        os.close(self.activity)
        shell = int(self.tmux("display-message", "-p", "-t", "review", "#{pane_pid}"))
        left = descendants(shell)
        self.tmux("kill-server")
        for pid in left:  # whatever the program does without its terminal, no test leaves it behind
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.folder.cleanup()

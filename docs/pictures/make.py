"""Make the README's pictures from the real program: run it in tmux, read the screen, write it as SVG."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
PROGRAM = f"{sys.executable} -m studycli"
PATIENCE = 60  # seconds until a screen must show what it should


class Screen:
    """A tmux session of its own server, with the real program in it."""

    def __init__(self, home: Path, columns: int, rows: int) -> None:
        self.tmux = ["tmux", "-S", str(home / "tmux"), "-f", "/dev/null"]
        self.columns, self.rows = columns, rows
        environment = {
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "STUDYCLI_NOW": "2026-03-02T09:00:00",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PS1": "$ ",
            "LC_ALL": "C.UTF-8",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STUDYCLI_")}
        size = ["-x", str(columns), "-y", str(rows)]
        command = [*self.tmux, "-u", "new-session", "-d", *size, "bash --noprofile --norc"]
        subprocess.run(command, check=True, env=kept | environment)

    def type(self, *keys: str) -> None:
        """Send keys by their tmux names."""
        subprocess.run([*self.tmux, "send-keys", *keys], check=True)

    def shown(self, colours: bool = False) -> str:
        """What the screen shows now."""
        flags = ["-e", "-N"] if colours else []
        done = subprocess.run([*self.tmux, "capture-pane", "-p", *flags], check=True, capture_output=True, text=True)
        return done.stdout

    def wait_for(self, words: str) -> None:
        """Wait until the screen shows these words."""
        end = time.monotonic() + PATIENCE
        while words not in self.shown():
            if time.monotonic() > end:
                raise SystemExit(f"the screen never showed {words!r}:\n{self.shown()}")
            time.sleep(0.05)

    def save(self, name: str, title: str) -> None:
        """Write the screen as an SVG file."""
        lines = self.shown(colours=True).rstrip("\n").split("\n")
        height = len(lines)
        with Path(os.devnull).open("w") as nowhere:
            console = Console(
                record=True, width=self.columns, height=height, file=nowhere, force_terminal=True, legacy_windows=False
            )
            # The screen is one text: a colour goes on from one line to the next.
            for line in Text.from_ansi("\n".join(lines)).split("\n", allow_blank=True):
                console.print(line, no_wrap=True, crop=True)
        svg = console.export_svg(title=title, unique_id=name.removesuffix(".svg"), code_format=_without_web_fonts())
        (FOLDER / name).write_text(svg, "utf-8")


def _without_web_fonts() -> str:
    """Rich's SVG template with the reader's own fixed-width font; a picture loads nothing."""
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return template.replace(
        "font-family: Fira Code, monospace", "font-family: Menlo, Consolas, DejaVu Sans Mono, monospace"
    )


@contextmanager
def screen(columns: int, rows: int) -> Iterator[Screen]:
    """A screen in a fresh home."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Screen(Path(folder), columns, rows)
        try:
            yield opened
        finally:
            subprocess.run([*opened.tmux, "kill-server"], check=False)


def review() -> None:
    """A card with its answer, and the step of its computation that it is about."""
    with screen(132, 38) as shown:
        shown.type(f"clear; {PROGRAM} review attention", "Enter")
        shown.wait_for("new 13")
        shown.type("Space")
        shown.wait_for("step 1 of 13")
        shown.type("d")
        shown.wait_for("←→: step")
        shown.type(*["Right"] * 10)
        shown.wait_for("step 11 of 13")
        shown.wait_for("unscaled_pattern")
        shown.save("review.svg", "studycli review attention")


def search() -> None:
    """What the search finds, and the card that is looked at."""
    with screen(100, 30) as shown:
        shown.type(f"clear; {PROGRAM} review attention", "Enter")
        shown.wait_for("new 13")
        shown.type("/")
        shown.wait_for("Back")
        shown.type("cache difficulty:hard")
        shown.wait_for("1 of 4")
        shown.wait_for("Generation and the Cache · card 12")
        shown.save("search.svg", "/ in a review")


def demo() -> None:
    """The attention over a sentence, as far as one screen shows it."""
    with screen(88, 46) as shown:
        shown.type(f"clear; {PROGRAM} demo scaled-dot-product --text 'the cat sat on the mat'", "Enter")
        shown.wait_for("holds")
        shown.save("demo.svg", "studycli demo scaled-dot-product")


if __name__ == "__main__":
    review()
    search()
    demo()

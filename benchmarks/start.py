"""`studycli --help` and `--version`, each beside a bare Typer program's `--help`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import by_turns, process

LIMIT = 1.5
HELLO = """
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")


app()
"""


def run() -> Iterator[str]:
    """The ratio of each start to the bare program's."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "hello.py"
        script.write_text(HELLO)
        bare, helped, version = by_turns(
            process([str(script), "--help"]),
            process(["-m", "studycli", "--help"]),
            process(["-m", "studycli", "--version"]),
            rounds=21,
        )
    for name, seconds in (("--help", helped), ("--version", version)):
        ratio = f"{seconds / bare:.2f} x a bare Typer program"
        yield f"studycli {name}: {1000 * seconds:.0f} ms, {ratio} ({1000 * bare:.0f} ms; limit {LIMIT:g})"

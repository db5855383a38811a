"""Timing by turns, so that whatever else the machine does falls on both sides of a ratio."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median


def by_turns(*contenders: Callable[[], object], rounds: int = 9) -> list[float]:
    """The median seconds of each contender over `rounds` turns, after one turn to warm up."""
    seconds: list[list[float]] = [[] for _ in contenders]
    for turn in range(rounds + 1):
        for position, contender in enumerate(contenders):
            start = time.perf_counter()
            contender()
            if turn:
                seconds[position].append(time.perf_counter() - start)
    return [median(each) for each in seconds]


def process(arguments: Sequence[str], **environment: str) -> Callable[[], object]:
    """A contender that runs a Python process and waits for it."""
    import os

    def run() -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})

    return run

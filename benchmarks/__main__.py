"""Run the benchmarks named on the command line, or all of them."""

from __future__ import annotations

import importlib
import sys

NAMES = ("parse", "start", "workspace", "hostile", "engine", "demos", "retrieval")


def main() -> None:
    """Run each benchmark and print its lines."""
    for name in sys.argv[1:] or NAMES:
        print(f"== {name}")
        for line in importlib.import_module(f"benchmarks.{name}").run():
            print(f"   {line}")


if __name__ == "__main__":
    main()

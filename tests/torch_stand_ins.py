"""Broken installations of torch: packages of that name that say something on standard output and then fail or hang."""

from __future__ import annotations

from pathlib import Path

_NOISE = "import os\nprint('noise from Python', flush=True)\nos.write(1, b'noise from C\\n')\n"


def failing(folder: Path) -> Path:
    """A folder with a torch that cannot be imported."""
    return _written(folder, "raise ImportError('libtorch.so is damaged')\n")


def hanging(folder: Path) -> Path:
    """A folder with a torch whose import never ends."""
    return _written(folder, "import threading\nthreading.Event().wait()\n")


def _written(folder: Path, code: str) -> Path:
    (folder / "torch.py").write_text(_NOISE + code, encoding="utf-8")
    return folder

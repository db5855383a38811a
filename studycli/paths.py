"""Where things lie: the learner's files (XDG base directories) and the bundled documents."""

from __future__ import annotations

import os
from pathlib import Path


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    base = Path(value) if value and Path(value).is_absolute() else Path.home() / fallback
    return base / "studycli"


def data_dir() -> Path:
    """The folder of the learner's database."""
    return _xdg("XDG_DATA_HOME", ".local/share")


def config_file() -> Path:
    """The learner's settings file; it need not exist."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def bundled_folders() -> tuple[Path, ...]:
    """`decks/` and `concept_maps/`: inside an installed package, else beside it in the source tree."""
    package = Path(__file__).resolve().parent
    base = package / "bundled" if (package / "bundled").is_dir() else package.parent
    return (base / "decks", base / "concept_maps")


def is_in_package(path: Path) -> bool:
    """Whether a resolved path lies inside the package: what is there is written anew when studycli is upgraded."""
    return path.is_relative_to(Path(__file__).resolve().parent)

"""Catalogue: the bundled miniature models by name, and where their weights are. It imports no torch."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from studycli.errors import UsageError

if TYPE_CHECKING:
    from studycli.engine.miniatures.recipe import Recipe

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
_RECIPES = {
    "induction": "studycli.engine.miniatures.induction",
    "syntax": "studycli.engine.miniatures.syntax",
    "extrapolation": "studycli.engine.miniatures.extrapolation",
    "tasks": "studycli.engine.miniatures.tasks",
    "study-lm": "studycli.engine.miniatures.study_lm",
    "retrieval": "studycli.engine.miniatures.retrieval",
}
NAMES = tuple(_RECIPES)


def recipe(name: str) -> Recipe:
    """How the model of this name is trained and measured. Raises UsageError with the names that come close."""
    check_name(name)
    found: Recipe = import_module(_RECIPES[name]).RECIPE
    return found


def check_name(name: str) -> None:
    """Raises UsageError, with the names that come close, where no bundled model has this name."""
    if name not in _RECIPES:
        close = get_close_matches(name.lower(), _RECIPES, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else f"the models are {', '.join(_RECIPES)}"
        raise UsageError(f"there is no bundled model '{name}'", hint=hint)


def checkpoint_folder(name: str) -> Path | None:
    """The folder of a bundled checkpoint, such as `induction` or `tasks/decoder`; None where there is none."""
    first, _, rest = name.partition("/")
    folder = WEIGHTS / name
    plain = first in _RECIPES and "/" not in rest and not rest.startswith(".")
    return folder if plain and (folder / "config.json").is_file() else None


def is_bundled(folder: Path) -> bool:
    """Whether a folder is one of the bundled checkpoints."""
    return folder.resolve().is_relative_to(WEIGHTS)

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
    first = name.partition("/")[0]
    if first != name and first in _RECIPES:
        hint = f"a checkpoint is made and measured with its model: {first}"
        raise UsageError(f"'{name}' is no model of its own", hint=hint)
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


def checkpoints() -> tuple[str, ...]:
    """The names of all bundled checkpoints that are there."""
    return tuple(sorted(str(file.parent.relative_to(WEIGHTS).as_posix()) for file in WEIGHTS.glob("**/config.json")))


def missing(name: str) -> UsageError | None:
    """What to say of a name that is nearly one of a bundled checkpoint; None for one that is another's."""
    of_model = [checkpoint for checkpoint in checkpoints() if checkpoint.startswith(f"{name.rstrip('/')}/")]
    if of_model:
        return UsageError(f"{name} is {len(of_model)} models", where="weights", hint=f"name one: {', '.join(of_model)}")
    if name.partition("/")[0] in _RECIPES:
        close = get_close_matches(name, checkpoints(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else "install the program again"
        return UsageError(f"there is no bundled checkpoint '{name}'", where="weights", hint=hint)
    return None


def is_bundled(folder: Path) -> bool:
    """Whether a folder is one of the bundled checkpoints."""
    return folder.resolve().is_relative_to(WEIGHTS)

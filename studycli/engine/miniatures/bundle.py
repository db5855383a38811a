"""Bundle: the checkpoints of a bundled model, loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studycli.engine import loaded
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import catalogue
from studycli.errors import EngineError


def load(checkpoint: str, device: str = "cpu", root: Path | None = None) -> Loaded:
    """One bundled checkpoint, such as `induction` or `tasks/decoder`, in float32, with its tokenizer.

    With `root`, the one of that name in a folder that `making.make` wrote. Raises EngineError where it is missing or
    a byte of it was changed, MissingError for a device that isn't there.
    """
    folder = (catalogue.WEIGHTS if root is None else root) / checkpoint
    if not (folder / "config.json").is_file():
        raise EngineError("there is no such checkpoint", where=str(folder), hint="install the program again")
    return loaded.load(str(folder), device, dtype="float32")


def load_all(name: str, device: str = "cpu", root: Path | None = None) -> Mapping[str, Loaded]:
    """All checkpoints of a bundled model by name, as `load` gives them."""
    return {checkpoint: load(checkpoint, device, root) for checkpoint in catalogue.recipe(name).checkpoints}

"""Model card: what a bundled model is, how it was made, and what was measured on it, as JSON beside its weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from studycli.engine.config import Config
from studycli.engine.miniatures import catalogue
from studycli.engine.whole_file import write_whole
from studycli.errors import EngineError

FILE = "model-card.json"
_AGAIN = "install the program again"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Data(_Frozen):
    """What a model learned from: sentences about it, the dotted name of the generator, and its seed."""

    about: str
    generator: str
    seed: int


class MadeBy(_Frozen):
    """How a training was run: the command, and what it ran on."""

    command: str
    seconds: float
    device: str
    threads: int
    torch: str


class CheckpointCard(_Frozen):
    """One checkpoint: its config, its number of parameters, their dtype, and the SHA-256 of each file by name."""

    config: Mapping[str, Any]
    parameters: int
    dtype: str
    files: Mapping[str, str]


class GateCard(_Frozen):
    """What a metric must be above."""

    above: float


class ModelCard(_Frozen):
    """A bundled model. `metrics` were measured after training, on the weights as they are stored."""

    name: str
    task: str
    data: Data
    training: MadeBy
    checkpoints: Mapping[str, CheckpointCard]
    metrics: Mapping[str, float]
    gates: Mapping[str, GateCard]

    @property
    def parameters(self) -> int:
        """Numbers that were learned, over all checkpoints."""
        return sum(each.parameters for each in self.checkpoints.values())


def read(name: str, root: Path | None = None) -> ModelCard:
    """The card of a bundled model, or of one made in the folder `root`.

    Raises UsageError for a name that no model has, EngineError for a card that is missing or damaged.
    """
    catalogue.check_name(name)
    file = (catalogue.WEIGHTS if root is None else root) / name / FILE
    try:
        card = ModelCard.model_validate_json(file.read_bytes())
    except OSError as error:
        raise EngineError("the model card cannot be read", where=str(file), hint=_AGAIN) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise EngineError(f"{place}: {first['msg'].lower()}", where=str(file), hint=_AGAIN) from error
    _check(card, name, str(file))
    return card


def _check(card: ModelCard, name: str, where: str) -> None:
    """Raises EngineError where a card is another model's, or names what lies elsewhere."""
    for checkpoint, each in card.checkpoints.items():
        Config.from_json(each.config, where)
        plain = checkpoint.partition("/")[0] == name and ".." not in checkpoint and checkpoint.count("/") < 2
        for file in each.files if plain else [checkpoint]:
            if not plain or Path(file).name != file:
                raise EngineError(f"the name {file!r} points elsewhere", where=where, hint=_AGAIN)
    if card.name != name:
        raise EngineError(f"this is the card of {card.name!r}", where=where, hint=_AGAIN)


def write(card: ModelCard, root: Path) -> None:
    """Write a card into the folder `root`. Raises EngineError where that cannot be done."""
    text = card.model_dump_json(indent=2) + "\n"
    write_whole(root / card.name / FILE, lambda file: file.write_text(text, "utf-8"))


def check_folder(name: str, root: Path) -> None:
    """Raises EngineError where a model could not be written into `root`, or would replace something else."""
    folder, hint = root / name, "name another folder"
    existing = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    if not existing.is_dir():
        raise EngineError("this is a file", where=str(existing), hint=hint)
    if not os.access(existing, os.W_OK | os.X_OK) or not _takes_files(existing):
        raise EngineError("nothing can be written here", where=str(existing), hint=hint)
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    known = {folder / FILE}
    if (folder / FILE).is_file():
        known |= {root / at / file for at, each in read(name, root).checkpoints.items() for file in each.files}
    others = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and file not in known)
    if others:
        raise EngineError(f"the folder holds something else, {others[0]}", where=str(folder), hint=hint)


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder; some say they can be written to, and refuse."""
    probe = folder / f".studycli-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def total_bytes(card: ModelCard) -> int:
    """Bytes of a bundled model's files, those that are there."""
    folder = catalogue.WEIGHTS / card.name
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

"""Each family once a session: Hugging Face's model, its checkpoint, and ours loaded from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from studycli.engine import load_pretrained
from tests import hugging_face

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from studycli.engine import Transformer


@dataclass(frozen=True)
class Pair:
    family: str
    theirs: PreTrainedModel
    folder: Path
    ours: Transformer


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Pair]:
    """From the name of a family, and the spread of its weights, to the two models."""

    @cache
    def pair(family: str, spread: float = 0.15) -> Pair:
        theirs = hugging_face.randomise(hugging_face.FAMILIES[family](), spread=spread)
        folder = hugging_face.save(theirs, tmp_path_factory.mktemp(family))
        return Pair(family, theirs, folder, load_pretrained(folder))

    return pair

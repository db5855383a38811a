"""Models: the bundled checkpoints that demos compute with, each loaded once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studycli.engine.loaded import Loaded
    from studycli.engine.tokenizer import Tokenizer


@lru_cache(maxsize=16)
def load(checkpoint: str, device: str) -> Loaded:
    """A bundled checkpoint, such as `study-lm` or `tasks/decoder`, on a device of this type (cpu, cuda).

    It is shared: nobody changes it. Raises EngineError where it is missing or was changed.
    """
    from studycli.engine.miniatures import bundle

    return bundle.load(checkpoint, device)


@lru_cache(maxsize=4)
def tokenizer(checkpoint: str) -> Tokenizer:
    """The tokenizer of a bundled checkpoint alone, for demos that need none of its weights."""
    from studycli.engine.miniatures.catalogue import WEIGHTS
    from studycli.engine.tokenizer import Tokenizer

    return Tokenizer.load(WEIGHTS / checkpoint)

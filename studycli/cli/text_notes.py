"""Text notes: what a reader should know of a text before believing what a model says of it, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studycli.cli import diagnostics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studycli.engine.loaded import Loaded


def say(loaded: Loaded, ids: Sequence[int]) -> None:
    """Say what is unknown to the model, longer than it was made for, or not hidden though it restores hidden words."""
    config = loaded.model.config
    if unknown := loaded.unknown(ids):
        diagnostics.say(f"{unknown} of {len(ids)} tokens are words that this model doesn't know, and read as one.")
    if config.max_length is not None and len(ids) > config.max_length:
        diagnostics.say(f"The model was made for {config.max_length:,} tokens; of {len(ids):,} it may say little.")
    if loaded.model.mlm is None or loaded.tokenizer is None:
        return
    from studycli.render.engine import MASKS

    masks = [mask for mask in MASKS if loaded.tokenizer.has(mask)]
    if masks and not any(loaded.piece(id_) in masks for id_ in ids):
        diagnostics.say(f"No word is hidden: put {masks[0]} in the place of one to see what the model expects there.")

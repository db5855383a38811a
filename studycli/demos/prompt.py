"""Prompt: a text as the study-lm reads it, subwords behind its start token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studycli.demos.pieces import SPACE, visible
from studycli.demos.words import Words, split
from studycli.model.trace import Step

if TYPE_CHECKING:
    from torch import Tensor

    from studycli.demos.inputs import Inputs
    from studycli.engine.loaded import Loaded

MODEL = "study-lm"
WEIGHTS = "those of study-lm, trained"


@dataclass(frozen=True)
class Prompt:
    """The words that were taken, the ids that the model begins with, each id's token, and how many ids were cut."""

    words: Words
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    left_out: int

    def tensor(self, loaded: Loaded) -> Tensor:
        """The ids as (1, seq) where the model is."""
        import torch

        return torch.tensor([self.ids], device=loaded.model.device)  # (1, seq)

    def step(self) -> Step:
        """The step `tokens`: what the model reads."""
        cut = f" Only the first {len(self.ids) - 1} subwords are read." if self.left_out else ""
        note = (
            f"Subwords of the words, {self.words.summary}, behind the token that every text of study-lm begins "
            f"with.{cut} {SPACE} is a space, which belongs to the word behind it."
        )
        return Step(name="tokens", shape=(len(self.tokens),), values=list(self.tokens), note=note, axes=("token",))

    def described(self, inputs: Inputs, device: object) -> dict[str, Any]:
        """The inputs of a result that the study-lm computed."""
        return {
            "text": self.words.text,
            "tokens_read": len(self.ids),
            "tokens_left_out": self.words.left_out + self.left_out,
            "seed": inputs.seed,
            "device": str(device),
            "weights": WEIGHTS,
            **inputs.parameters,
        }


def read(text: str, loaded: Loaded, limit: int) -> Prompt:
    """A text's first words as at most `limit` subwords behind the start. Raises UsageError for one without words."""
    from studycli.engine.miniatures.study_corpus import END_ID

    words = split(text)
    found = loaded.encode(words.text)
    ids = (END_ID, *found[:limit])
    return Prompt(words, ids, spelled(ids, loaded), max(len(found) - limit, 0))


def spelled(ids: tuple[int, ...] | list[int], loaded: Loaded) -> tuple[str, ...]:
    """The token of each id, with its white space made visible."""
    return tuple(visible(loaded.piece(id_) or "") for id_ in ids)

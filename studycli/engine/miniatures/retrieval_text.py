"""Retrieval text: how the retrieval models read a text, and a question with a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from studycli.engine.miniatures.facts import CLS, PAD, SEP, SPECIAL
from studycli.engine.tokenizer import Tokenizer
from studycli.errors import UsageError

PAD_ID = SPECIAL.index(PAD)


def words(text: str) -> list[str]:
    """A text's words as the models know them: small letters, no punctuation."""
    return re.findall(r"\w+", text.lower())


def plain(text: str) -> str:
    """The words of a text in a row. Raises UsageError where there are none."""
    found = words(text)
    if not found:
        raise UsageError("the text holds no word", where=repr(text), hint="give at least one")
    return " ".join(found)


def pair(question: str, text: str) -> str:
    """What the cross-encoder reads of a question and a text."""
    return f"{CLS} {plain(question)} {SEP} {plain(text)}"


def padded(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Ids (text, seq), padded on the right, and their mask (text, seq), 1 keep and 0 pad."""
    rows = [tokenizer.encode(text) for text in texts]
    length = max(map(len, rows), default=0)
    ids = torch.tensor([row + [PAD_ID] * (length - len(row)) for row in rows])  # (text, seq)
    kept = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])  # (text, seq)
    return ids, kept

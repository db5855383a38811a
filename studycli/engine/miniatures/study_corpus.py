"""Study corpus: the texts that study-lm learns from and those that are held out, and rows of tokens for training."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from studycli import paths
from studycli.engine.miniatures import sentences
from studycli.engine.tokenizer import Tokenizer
from studycli.errors import EngineError

END = "<|end|>"
END_ID = 0
MERGES = 4000
GENERATED, GENERATED_HELD_OUT = 6000, 200
_HELD_OUT = 8  # one passage of the documents of so many is for validation alone
_SHORTEST, _LONGEST = 200, 1000  # characters of a passage
_HEADING = re.compile(r"(?m)^(?=#{1,6} )")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages of the documents and generated texts, each kind in a part for training and one for validation.

    A passage of the documents is in one part alone, but documents repeat themselves; of the generated texts no fact is
    told in both parts, though documents may tell it too. `overlap` says how much of the one part still stands word for
    word in the other.
    """

    documents: tuple[str, ...]
    generated: tuple[str, ...]
    held_out_documents: tuple[str, ...]
    held_out_generated: tuple[str, ...]

    def tokenizer(self) -> Tokenizer:
        """Byte-level BPE learned from the parts for training: the end token, 256 bytes and the merges."""
        return Tokenizer.train(chain(self.documents, self.generated), 1 + 256 + MERGES, [END])


def corpus(documents: str, seed: int) -> Corpus:
    """The corpus of the documents' text, with generated texts of a seed. Raises EngineError for too little text."""
    found = passages(documents)
    if len(found) < 2:
        raise EngineError("the documents hold fewer than two passages", where="study-lm", hint="give more text")
    by_hash = sorted(set(found), key=lambda text: hashlib.blake2b(text.encode()).digest())
    held_out = set(by_hash[: -(-len(by_hash) // _HELD_OUT)])
    return Corpus(
        documents=tuple(text for text in found if text not in held_out),
        generated=tuple(sentences.texts(seed, GENERATED)),
        held_out_documents=tuple(text for text in found if text in held_out),
        held_out_generated=tuple(sentences.texts(seed, GENERATED_HELD_OUT, held_out=True)),
    )


def bundled_documents() -> str:
    """The text of the bundled Markdown documents, one after the other."""
    files = [file for folder in paths.bundled_folders() for file in sorted(folder.glob("*.md"))]
    return "\n".join(file.read_text("utf-8") for file in files)


def passages(text: str) -> list[str]:
    """A Markdown text cut at its headings, long sections also at ends of lines; what is short joins the next."""
    found: list[str] = []
    pending = ""
    for section in filter(None, _HEADING.split(text)):
        *whole, pending = _cut(pending + section)
        found += whole
        if len(pending) >= _SHORTEST:
            found.append(pending)
            pending = ""
    return [*found, pending] if pending else found


def encoded(texts: Sequence[str], tokenizer: Tokenizer) -> list[list[int]]:
    """The ids of each text."""
    return [tokenizer.encode(text) for text in texts]


def stream(texts: Sequence[Sequence[int]]) -> Tensor:
    """All ids in one row (tokens), with an end before, between and after the texts."""
    return torch.tensor([END_ID, *chain.from_iterable([*ids, END_ID] for ids in texts)])  # (tokens)


def crops(tokens: Tensor, rows: int, length: int, random: torch.Generator) -> Tensor:
    """Rows (rows, length) cut out of a stream (tokens) anywhere."""
    starts = torch.randint(len(tokens) - length + 1, (rows, 1), generator=random)  # (rows, 1)
    return tokens[starts + torch.arange(length)]  # (rows, length)


def noised(ids: Tensor, tokens: Tensor, rate: float, random: torch.Generator) -> Tensor:
    """Ids (rows, length), some replaced by others drawn from a stream: unigram noising (Xie et al. 2017)."""
    drawn = tokens[torch.randint(len(tokens), ids.shape, generator=random)]  # (rows, length)
    return torch.where(torch.rand(ids.shape, generator=random) < rate, drawn, ids)  # (rows, length)


def _cut(section: str) -> Iterator[str]:
    """Pieces of whole lines, up to the longest size each, but for a single line that is longer."""
    piece = ""
    for line in section.splitlines(keepends=True):
        if piece and len(piece) + len(line) > _LONGEST:
            yield piece
            piece = ""
        piece += line
    yield piece

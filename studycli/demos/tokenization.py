"""Tokenization: a text as bytes, the merges that make tokens of them, and how rare words fall apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from studycli.demos.pieces import SPACE, visible
from studycli.demos.steps import claim, step
from studycli.demos.words import split
from studycli.model.trace import Claim, DemoResult, Origin, Step

if TYPE_CHECKING:
    from studycli.demos.inputs import Inputs
    from studycli.engine.tokenizer import Merge, Tokenizer

MODEL = "study-lm"
PAIRS = (
    ("attention", "blorvintz"), ("model", "zwupk"), ("because", "quibvyx"), ("between", "wozzyck"),
    ("different", "frumplexy"), ("tokens", "gyvuzz"),
)  # fmt: skip
"""Words that are common in what the tokenizer learned from, each beside an invented one of the same length."""

_LONGEST = 16
_MOST_CHARACTERS = 120
_MOST_ROWS = 24
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


@dataclass(frozen=True)
class Part:
    """So much of a text as is tokenized, its words and marks, and how many words the whole has between its spaces.

    `cut` says that its last word goes on in the whole, `exact` that the whole was read to count its words.
    """

    text: str
    pieces: tuple[str, ...]
    total: int
    cut: bool
    exact: bool

    @property
    def shown(self) -> int:
        """How many words are there as a whole."""
        return len(self.text.split()) - self.cut

    @property
    def left_out(self) -> int:
        """How many words are not, or not as a whole."""
        return max(self.total - self.shown, 0)

    @property
    def summary(self) -> str:
        """How much of the text is used, in words."""
        total = f"{'' if self.exact else 'about '}{self.total:,}"
        if not self.left_out:
            return "the only word of the text" if self.total == 1 else f"all {self.total} of the text"
        if not self.cut:
            others = "the other one is" if self.left_out == 1 else f"the other {self.left_out:,} are"
            return f"the first {self.shown} of {total}; {others} left out"
        rest = f", cut after {len(self.text)} characters; the rest is left out"
        if not self.shown:
            return f"the start of the {'only word' if self.total == 1 else f'first of {total}'}{rest}"
        return f"the first {self.shown} of {total} and the start of the next{rest}"


@dataclass(frozen=True)
class Tokens:
    """What became of a text: `merges` of the whole in their order, and the ids with the piece and bytes of each."""

    text: str
    merges: list[Merge]
    ids: list[int]
    pieces: list[str]
    decoded: str
    covered: int
    special: frozenset[str] = frozenset()

    @property
    def parts(self) -> int:
        """What the merges start from: a part for each byte, and one for each special token, which is never merged."""
        marked = [piece for piece in self.pieces if piece in self.special]
        return len(self.text.encode()) - sum(len(piece.encode()) - 1 for piece in marked)

    @property
    def by_word(self) -> list[list[Merge]]:
        """The merges of each word that has any."""
        return [list(group) for _, group in groupby(self.merges, key=lambda merge: merge.word)]


def tokenization(inputs: Inputs) -> DemoResult:
    """The tokenizer of study-lm on a text.

    Raises UsageError for a text without tokens.
    """
    from studycli.demos.models import tokenizer

    part = _part(inputs.text)
    text = part.text
    tokenizer_ = tokenizer(MODEL)
    tokens = _compute(tokenizer_, text)
    rare = _pairs(tokenizer_)
    return DemoResult(
        demo="tokenization",
        title="Tokenization",
        inputs={
            "text": text,
            "words": len(text.split()),
            "tokens_left_out": part.left_out,
            "tokenizer": f"{MODEL}: byte-level BPE, {tokenizer_.vocab_size:,} tokens",
        },
        steps=(*_steps(part, tokens), _table(tokenizer_, part)),
        claims=_claims(tokens, rare),
    )


def _part(text: str) -> Part:
    """The start of a text. Raises UsageError for one without words."""
    words, whole = split(text, _LONGEST), split(text, max(len(text), 1))
    used = words.text[:_MOST_CHARACTERS]
    known, shown = whole.text.split(), used.split()
    cut = shown[-1] != known[len(shown) - 1]
    total = len(known) if whole.exact else max(len(text.split()), len(shown))
    return Part(used, words.tokens, total, cut, whole.exact)


def _compute(tokenizer: Tokenizer, text: str) -> Tokens:
    from studycli.engine.miniatures.study_corpus import END

    ids = tokenizer.encode(text)
    return Tokens(
        text, tokenizer.merges(text), ids, tokenizer.tokens(text), tokenizer.decode(ids), _covered(tokenizer),
        frozenset({END}),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _covered(tokenizer: Tokenizer) -> int:
    """How many of the 256 bytes are a token."""
    spelled = {tokenizer.piece(id_) for id_ in range(tokenizer.vocab_size)}
    return sum(_spelled(byte) in spelled for byte in range(256))


def _spelled(byte: int) -> str:
    """A byte as the tokenizer spells it where it stands alone."""
    return chr(byte) if byte < 0x80 else f"<0x{byte:02X}>"


@lru_cache(maxsize=4)
def _pairs(tokenizer: Tokenizer) -> tuple[tuple[int, int], ...]:
    """How many tokens each of PAIRS becomes, within a text."""
    common, invented = (tuple(len(tokenizer.encode(f" {pair[side]}")) for pair in PAIRS) for side in (0, 1))
    return tuple(zip(common, invented, strict=True))


def _steps(part: Part, tokens: Tokens) -> tuple[Step, ...]:
    chunks = re.findall(r"\s*\S+", tokens.text)
    of_character = [f"{visible(c)} {c.encode().hex(' ')}" for c in tokens.text]
    return (
        _row(
            "words", "word", [visible(chunk) for chunk in chunks],
            f"The text at its spaces, {part.summary}; {SPACE} is a space, which belongs to the word after it; "
            "merges stay within a word.",
        ),
        _row(
            "bytes", "character", of_character,
            "Each character with its bytes in UTF-8, as hexadecimal numbers: one for a Latin letter, three for most "
            "Chinese ones, four for an emoji.",
        ),
        _merging(tokens),
        _row(
            "tokens", "token", [visible(piece) for piece in tokens.pieces],
            f"What is left when no rule fits any more: {_count(len(tokens.pieces), 'token')} for "
            f"{_count(len(tokens.text.encode()), 'byte')}.",
            Origin(kind="given", note="The bytes of a word, joined by the rules that fit, the lowest rank first."),
        ),
        _ids(tokens),
    )  # fmt: skip


def _row(name: str, axis: str, values: list[str], note: str, origin: Origin | None = None) -> Step:
    return Step(name=name, shape=(len(values),), values=values, note=note, axes=(axis,), origin=origin)


def _merging(tokens: Tokens) -> Step:
    """The word with the most merges: its pieces before the first one and after each."""
    merges = max(tokens.by_word, key=len, default=[])
    bytes_ = [_spelled(byte) for byte in _bytes("".join(merges[-1].pieces if merges else tokens.pieces))]
    rows = [["", "", " ".join(map(visible, bytes_))]]
    rows += [
        [f"{merge.rank}", f"{visible(merge.left)} + {visible(merge.right)}", " ".join(map(visible, merge.pieces))]
        for merge in merges[:_MOST_ROWS]
    ]
    left = len(merges) - _MOST_ROWS
    last = "The last merge is" if left == 1 else f"The last {left} merges are"
    note = (
        "One row for each merge, in the word with the most: the rank of its rule, what it joins, and the pieces after "
        "it, one less each time; of the rules that fit, the lowest rank goes first."
        if merges
        else "No rule fits anywhere in this text: every byte stays a token."
    )
    return Step(
        name="merges",
        shape=(len(rows), len(rows[0])),
        values=rows,
        note=note + (f" {last} left out." if left > 0 else ""),
        axes=("merge", "column"),
        labels={"column": ("rank", "joins", "pieces")},
        origin=Origin(kind="given", note="The rules were learned from the texts of study-lm's training."),
    )


def _bytes(spelled: str) -> bytes:
    """The bytes behind a piece as the tokenizer spells it."""
    text = _BYTE.sub(lambda match: chr(0xDC00 + int(match[1], 16)), spelled)
    return text.encode("utf-8", errors="surrogateescape")


def _ids(tokens: Tokens) -> Step:
    table = np.array([[id_, len(_bytes(piece))] for id_, piece in zip(tokens.ids, tokens.pieces, strict=True)])
    return step(
        "ids", table,
        "What the model reads: a token's number in the vocabulary, beside how many bytes it stands for. A low number "
        "is a byte or an early rule, so a frequent pair; a high one a late rule, often a whole word.",
        ("token", "column"), tuple(map(visible, tokens.pieces)),
        labels={"column": ("id", "bytes")}, origin=Origin(kind="given", note="The token's place in the vocabulary."),
    )  # fmt: skip


def _table(tokenizer: Tokenizer, part: Part) -> Step:
    """Bytes and tokens of the text's own words, then of common and invented ones."""
    own = [word for word in dict.fromkeys(part.pieces) if any(map(str.isalnum, word))][:6]
    shown = [*own, *(word for pair in PAIRS[:3] for word in pair)]
    sizes = [(len(word.encode()), len(tokenizer.encode(f" {word}"))) for word in shown]
    values = np.array([[size, count, size / count] for size, count in sizes])
    return step(
        "splits", values,
        "How words split, within a text: first yours, then common words, each above an invented one of its length; "
        "the more a word is like what the tokenizer learned from, the more bytes go into a token.",
        ("word", "column"), (), labels={"word": tuple(shown), "column": ("bytes", "tokens", "bytes/token")},
        origin=Origin(kind="given", note="Counted: the word's bytes, its tokens, and the one over the other."),
    )  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _claims(tokens: Tokens, pairs: tuple[tuple[int, int], ...]) -> tuple[Claim, ...]:
    lengths = [[len(merge.pieces) for merge in word] for word in tokens.by_word]
    by_one = all(before - after == 1 for word in lengths for before, after in pairwise(word))
    ends = tokens.parts - len(tokens.merges) == len(tokens.ids)
    ranks = [[merge.rank for merge in word] for word in tokens.by_word]
    back = sum(before > after for word in ranks for before, after in pairwise(word))
    common, invented = (fmean(pair[side] for pair in pairs) for side in (0, 1))
    return (
        claim(
            "decodes-exactly", "Decoding the ids gives the text back, byte for byte.",
            f"{len(tokens.decoded.encode())} of {_count(len(tokens.text.encode()), 'byte')}",
            tokens.decoded == tokens.text,
        ),
        claim(
            "every-byte-a-token", "Each of the 256 bytes is a token of its own, so that no text is unknown.",
            f"{tokens.covered} of 256", tokens.covered == 256,
        ),
        claim(
            "merge-shortens-by-one", "Each merge makes the row of pieces one shorter.",
            f"{_count(tokens.parts, 'piece')} less {_count(len(tokens.merges), 'merge')} "
            f"{'is' if len(tokens.ids) == 1 else 'are'} {_count(len(tokens.ids), 'token')}",
            by_one and ends,
        ),
        claim(
            "merges-by-rank", "Within a word the rules apply in the order in which they were learned.",
            f"{back} of {_count(len(tokens.merges), 'merge')} out of order", back == 0,
        ),
        claim(
            "rare-words-split", "An invented word needs more tokens than a common word of the same length.",
            f"{invented:.1f} tokens against {common:.1f}, {len(pairs)} pairs",
            all(known < unknown for known, unknown in pairs),
        ),
    )  # fmt: skip

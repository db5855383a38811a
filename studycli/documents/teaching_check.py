"""Teaching check: frequent mistakes of teaching material about transformers, each with the right version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple

from studycli.documents.outline import Outline
from studycli.model.problem import Problem, Severity

LONGEST = 2000
"""Characters of a line that is read: longer ones are data, and no pattern is tried on them."""


class Kind(NamedTuple):
    """A kind of mistake: words without which there is none, and `module:function`, which finds it in lines.

    By a name, because only a document with the words needs the module's patterns.
    """

    words: tuple[str, ...]
    target: str
    hint: str
    severity: Severity = Severity.WARNING


_KINDS = (
    Kind(
        ("10000", "10_000", "10,000", "1e4"),
        "sinusoid_check:doubled",
        "write 10000^(i/d) where i is already the even column, or 10000^(2i/d) where it counts pairs of columns",
    ),
    Kind(
        ("token", "[cls]", "[sep]", "vocab"),
        "token_id_check:wrong",
        "take ids from the tokenizer itself; studycli demo tokenization shows how a text becomes ids",
    ),
    Kind(
        ("token id", "token-id", "has id", "has the id", "gets id", "gets the id"),
        "token_id_check:nowhere",
        "right for a tokenizer of its own, which the text then names; else take ids from the tokenizer itself",
        Severity.INFO,
    ),
    Kind(
        ("mask", "tril", "triu", "-inf", "\\infty", "∞"),
        "mask_check:wrong",
        "an additive mask is 0 where attention is allowed and minus infinity elsewhere; or fill the scores themselves",
    ),
    Kind(
        ("nucleus", "top-p", "top_p", "top p", "top-$p"),
        "wording_check:top_p",
        "top-p keeps the smallest set of likeliest tokens whose probability is at least p, the token "
        "that reaches p too",
    ),
    Kind(
        ("flash",),
        "wording_check:flash",
        "FlashAttention computes the same softmax in tiles: exact up to rounding, with less memory traffic",
    ),
    Kind(
        ("cache", "caching"),
        "cache_check:without_the_two",
        "2 x layers x key/value heads x d_head x tokens x bytes of a number, for each sequence",
    ),
    Kind(
        ("cache", "caching"),
        "cache_check:order_without_the_two",
        "as an order of growth it is right; in bytes: 2 x layers x key/value heads x d_head x tokens x "
        "bytes of a number",
        Severity.INFO,
    ),
)


def check(outline: Outline) -> list[Problem]:
    """What is found, by line. Linear in the document's size; code counts as well as prose."""
    lines = [line if len(line) <= LONGEST else "" for line in outline.lines]
    lowered = "\n".join(lines).casefold()
    return sorted(
        (
            Problem(severity=kind.severity, line=line + 1, message=message, hint=kind.hint)
            for kind in _KINDS
            if any(word in lowered for word in kind.words)
            for line, message in _finder(kind.target)(lines)
        ),
        key=lambda problem: problem.line,
    )


def _finder(target: str) -> Callable[[Sequence[str]], Iterator[tuple[int, str]]]:
    module, name = target.split(":")
    finder: Callable[[Sequence[str]], Iterator[tuple[int, str]]] = getattr(
        import_module(f"studycli.documents.{module}"), name
    )
    return finder

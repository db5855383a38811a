"""Cache check: sizes of a key/value cache that count the keys alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studycli.documents.near_lines import holding, near

_MESSAGE = "the size of the cache lacks the factor 2: it holds keys and values"
_ORDER = "this order of the cache's size leaves out the factor 2: it holds keys and values"
_CACHE = re.compile(
    r"\bcaching\b|\b(?:kv|key[-/ ]?value)[-_ ]?cache|\bcache\b|\bkv_?(?:cache|bytes|size|memory)"
    r"|cache_(?:bytes|size|memory)",
    re.IGNORECASE,
)
_ONE_OF_THEM = re.compile(
    r"\b[kv]_cache\b|\b(?:key|value|keys|values)_cache\b|\b(?:keys|values) alone\b|\beach of (?:the two"
    r"|k and v|keys and values)\b"
    r"|\b(?:for|of) (?:the )?(?:keys|values|K|V)\b(?! and)|\bper tensor\b|\bimage|\bhash",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\bkeys? and values?\b|\bK and V\b|\btwice\b|\btwo tensors\b|\bdoubl", re.IGNORECASE)
_LATEX = re.compile(r"\\(?:text|mathrm|mathit|operatorname)\{([^{}]{0,40})\}|\\(?:left|right|,|;|!|quad|_)|[$&`]")
_TIMES = re.compile(r"\\cdot|\\times|[×·⋅*]|(?<=[\s\d)])x(?=\s)")
_BEFORE = re.compile(r"[=:≈≤~,;|]|\bis\b|\bof\b|\btakes\b|\bneeds\b")
_BEHIND = re.compile(r"[=≈,;:|]|\.(?:\s|$)|\s(?:for|per|of|in|at|and|where|which|with)\b|\\(?:newline|\\)|#")
_LAYERS = re.compile(
    r"^(?:\(?L|l|n_?L|N_?L|n?_?layers?|num_layers|n_layers?|number of layers|layers?|N_\{?layers?\}?"
    r"|n_\{?layers?\}?)\)?$",
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"^\(?(?:n|t|T|S|s|N|seq|seq_?len\w*|tokens?|n_?tokens|context\w*|length|sequence.*|n_\{?(?:\\?max"
    r"|ctx|tokens|seq)\}?|n_max|t_max|max_\w+|positions?)\)?$",
    re.IGNORECASE,
)
_WIDTH = re.compile(
    r"^\(?(?:h|H|heads?|n_?\w*heads?|num_\w*heads?|d|D|d_?\{?\w*\}?|head_?(?:dim|size)\w*|hidden\w*"
    r"|kv_?heads?|n_\{?\w*heads?\}?|h_\{?kv\}?|dim\w*)\)?$",
    re.IGNORECASE,
)
_OF_NUMBER = re.compile(r"^\(?(\d+)(?:\.0)?(?P<unit> ?(?:bytes?|B)\b.*)?\)?$")
_IN_ORDER = re.compile(r"\b[OΘ]\s*\(|\\Theta|\\mathcal\{O\}|\btilde\b")
_AROUND = 3
_ABOVE = 8


def without_the_two(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that give a cache's size as layers x tokens x width without a 2."""
    for number in _products(lines, in_order=False):
        yield number, _MESSAGE


def order_without_the_two(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines that give it so as an order of growth."""
    for number in _products(lines, in_order=True):
        yield number, _ORDER


def _products(lines: Sequence[str], *, in_order: bool) -> Iterator[int]:
    named = [number for number in holding(lines, "cach", "kv") if _CACHE.search(lines[number])]
    for number in near(named, 0, _ABOVE if in_order else _AROUND, len(lines)):
        line = lines[number]
        if not _TIMES.search(line):
            continue
        plain = _LATEX.sub(lambda match: match[1] or "", line)
        if (_IN_ORDER.search(plain) is not None) != in_order or _ONE_OF_THEM.search(line):
            continue
        if in_order:
            plain = re.sub(r"\b[OΘ]\s*\(", " ", plain).replace(")", " ")
        if _lacks_two(_factors(plain)) and not _doubled_near(lines, number):
            yield number


def _factors(line: str) -> list[str]:
    """What is multiplied on a line: the first without what stands before it, the last without what follows."""
    first, *others = _TIMES.split(line)
    last = _BEHIND.split(others[-1])[0] if others else ""
    return [factor.strip(" (){}*") for factor in (_BEFORE.split(first)[-1], *others[:-1], last)]


def _lacks_two(factors: Sequence[str]) -> bool:
    """Whether these are the factors of a whole cache, layers, tokens and a width, without a number for the pair."""
    kinds = (_LAYERS, _TOKENS, _WIDTH)
    if not all(any(map(kind.match, factors)) for kind in kinds):
        return False
    numbers = [match for factor in factors if (match := _OF_NUMBER.match(factor))]
    return not any(match["unit"] is None and int(match[1][:9]) % 2 == 0 for match in numbers)


def _doubled_near(lines: Sequence[str], number: int) -> bool:
    """Whether a 2 for keys and values follows on a line nearby, or the line says that it counts one of them."""
    around = lines[max(number - 1, 0) : number + _AROUND]
    return any(
        re.search(r"(?<![\w.])2(?:\.0)?\s*(?:\*|×|·|\\cdot|\\times)|\*=?\s*2\b(?!\s*bytes)", line) or _BOTH.search(line)
        for line in around
    )

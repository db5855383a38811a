"""Token-id check: ids that don't belong to the words they are given for, as far as a few known ids tell."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from studycli.documents.near_lines import near

Known = Mapping[str, frozenset[int]]


def _known(*forms: tuple[str, tuple[int, ...]]) -> Known:
    return {word: frozenset(ids) for word, ids in forms}


GPT_2 = _known(
    ("the", (464, 383, 1169, 262)), ("cat", (3797, 9246)), ("sat", (3332,)), ("on", (319, 261)), ("mat", (2603, 6759)),
    ("a", (257, 64)), ("because", (780,)), ("it", (340, 270)), ("was", (373, 9776)), (".", (13,)), (",", (11,)),
    ("hello", (15496, 31373, 23748, 18435)), ("world", (995, 6894, 10603, 2159)), ("i", (40, 314, 72, 1312)),
    ("love", (1842, 23205)), ("!", (0,)), ("<|endoftext|>", (50256,)),
)  # fmt: skip
"""Ids of GPT-2's tokenizer by word, with a space before it and without, small and capital."""

BERT = _known(
    ("the", (1996,)), ("cat", (4937,)), ("sat", (2938,)), ("on", (2006,)), ("mat", (13523,)), ("a", (1037,)),
    ("because", (2138,)), ("it", (2009,)), ("was", (2001,)), ("is", (2003,)), ("this", (2023,)), (".", (1012,)),
    (",", (1010,)), ("hello", (7592,)), ("world", (2088,)), ("i", (1045,)), ("and", (1998,)), ("of", (1997,)),
    ("to", (2000,)), ("in", (1999,)), ("[CLS]", (101,)), ("[SEP]", (102,)), ("[MASK]", (103,)), ("[UNK]", (100,)),
    ("[PAD]", (0,)),
)  # fmt: skip
"""Ids of BERT's uncased vocabulary by word; the special tokens are the same in the cased one."""

_NAMES = {"GPT-2": GPT_2, "BERT": BERT}
_SIZES = {"GPT-2": 50_257, "BERT": 30_522}
_LIST = re.compile(r"\[\s*\d{1,6}(?:\s*,\s*\d{1,6}){1,40}\s*(?:,\s*(?:\.{3}|…)\s*)?\]")
_QUOTED = re.compile(r"\"([^\"\[\]{}]{1,200})\"|“([^”]{1,200})”|'((?:[^'\[\]{}]|(?<=\w)'(?=\w)){1,200})'(?!\w)")
_WORDS = re.compile(r"\[(?:CLS|SEP|MASK|PAD|UNK)\]|<\|endoftext\|>|\w+(?:'\w+)?|[^\w\s]")
_ARROW = r"(?:→|->|=>|↦|⟶|\\to\b|\\rightarrow\b|:|=)"
_HAS = r"(?:has|gets|is given|receives)\s(?:the\s)?(?:token[\s-])?id(?:\sis|\sof)?"
_PAIR = re.compile(
    rf"(?P<mark>[\"'“`])(?P<word>[^\"'”`\[\]]{{1,30}}"
    rf"|\[[A-Z]{{2,6}}\])[\"'”`]\s{{0,12}}(?:{_ARROW}|{_HAS})\s{{0,6}}(?:id\s{{0,2}})?(?P<id>\d{{1,6}})(?!\d|\.\d|%|x)"
    rf"|(?P<special>\[(?:CLS|SEP|MASK|PAD|UNK)\])[`*]{{0,3}}\s{{0,4}}(?:{_ARROW}|has id"
    rf"|is)\s{{0,4}}(?P<special_id>\d{{1,6}})(?!\d|\.\d|%)"
    r"|\b(?:[Tt]oken|[Ii][Dd])\s{0,3}(?P<first>\d{1,6})\s{0,3}(?:\(|→|->|=|:"
    r"|is)\s{0,3}[\"'“`](?P<said>[^\"'”`\[\]]{1,30}|\[[A-Z]{2,6}\])[\"'”`]"
)
_ABOUT_IDS = re.compile(r"\btoken|\bids?\b|\bvocab|\bstoi\b|\bencod", re.IGNORECASE)
_NOT_IDS = re.compile(
    r"\b(?:counts?|freq\w*|occur\w*|label|class|score|rank|length|position|times|unk|unknown)\b|<unk>|\[UNK\]",
    re.IGNORECASE,
)
_BERT_LIKE = re.compile(r"\b(?:al|de|ro|camem|\w*ro)berta?\b|albert|deberta|electra|xlm", re.IGNORECASE)
_NAMED = {"GPT-2": re.compile(r"\bgpt-?2\b", re.IGNORECASE), "BERT": re.compile(r"\b(?:distil)?bert\b", re.IGNORECASE)}
_SPECIAL = {word: next(iter(ids)) for word, ids in BERT.items() if word.startswith("[")}
_MAY_PAIR = re.compile(
    r"[\"'”`\]*]\s{0,12}(?:→|->|=>|↦|⟶|\\to|\\right|:|=|is|has|gets|receives|\d)\D{0,18}\d|(?:oken|[Ii][Dd])\s{0,3}\d"
)
_REACH = 10
_REMEMBERED = 40
_ENOUGH = 2
_SENTENCE = 3
_SAID = re.compile(rf"(?:[\"'“`])(?P<word>[^\"'”`\[\]]{{1,30}})[\"'”`]\s{_HAS}\s{{0,3}}(?P<id>\d{{1,6}})(?![\d%]|\.\d)")
_EXAMPLE = re.compile(
    r"\b(?:toy|tiny|small|made|invented|imagin\w*|suppose|say|let|if|example|instance|our|own|hypothetical\w*"
    r"|illustrat\w*|wrong|mistake\w*|misconception\w*|not|vocabulary of|gpt|llama|bert|t5|tiktoken|sentencepiece"
    r"|\w*tokenizer)\b|e\.g\.|n't",
    re.IGNORECASE,
)
"""Words that make an id one of another tokenizer, or of none."""
_SHAPE = re.compile(r"\bshape|\btable|\bmatrix|\bdimension|\btensor", re.IGNORECASE)


class Reading(NamedTuple):
    """A word, the id given for it, and the 0-based line."""

    word: str
    id: int
    line: int


@dataclass
class _Found:
    """What a document gives ids for: sequences word by word, single pairs, and every list of ids."""

    sequences: list[list[Reading]] = field(default_factory=list)
    pairs: list[Reading] = field(default_factory=list)
    lists: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)


def wrong(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The lines with such an id, each with the word, and the right id where it is known."""
    found = _read(lines)
    messages: dict[int, str] = {}
    for line, message in (
        *_of_sequences(found),
        *_of_pairs(found, lines),
        *_twice(found, lines),
        *_too_large(found, lines),
    ):
        messages.setdefault(line, message)
    yield from sorted(messages.items())


def nowhere(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The other lines whose sentence gives a word an id that it has in none of the tokenizers, where none is named."""
    said = [number for number, line in enumerate(lines) if "id" in line and _SAID.search(line)]
    told = {number for number, _ in wrong(lines)} if said else set()
    for number in said:
        if number in told:
            continue
        for match in _SAID.finditer(lines[number]):
            reading = Reading(match["word"].strip(), int(match["id"]), number)
            ids = {name: _ids(reading.word, known) for name, known in _NAMES.items()}
            around = " ".join(lines[max(number - 3, 0) : number + 4])
            if all(ids.values()) and not any(reading.id in of for of in ids.values()) and not _EXAMPLE.search(around):
                right = "; ".join(f"{' or '.join(map(str, sorted(of)))} in {name}" for name, of in ids.items())
                yield number, f"the id {reading.id} is given for '{reading.word}', which is {right}"
                break


def _read(lines: Sequence[str]) -> _Found:
    found = _Found()
    with_ids = {number: listed for number, line in enumerate(lines) if "[" in line and (listed := _lists(line))}
    quoted: deque[tuple[int, list[str]]] = deque(maxlen=_REMEMBERED)
    for number in near(with_ids, _REACH, 0, len(lines)):
        quoted.extend((number, words) for words in _said(lines[number]))
        for ids in with_ids.get(number, ()):
            found.lists.append((number, ids))
            recent = (words for at, words in reversed(quoted) if number - at <= _REACH)
            if words := next((words for words in recent if len(words) == len(_inner(ids))), None):
                found.sequences.append([Reading(*pair, number) for pair in zip(words, _inner(ids), strict=True)])
    for number, line in enumerate(lines):
        if _MAY_PAIR.search(line):
            found.pairs += _pairs(line, number)
    return found


def _lists(line: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, re.findall(r"\d+", match[0]))) for match in _LIST.finditer(line)]


def _said(line: str) -> Iterator[list[str]]:
    """The words of each quotation on a line; and the quotations themselves, where there are several."""
    if any(mark in line for mark in "\"'“"):
        texts = [next(filter(None, match.groups())).strip() for match in _QUOTED.finditer(line)]
        yield from map(_WORDS.findall, texts)
        if len(texts) > 1:
            yield texts


def _inner(ids: tuple[int, ...]) -> tuple[int, ...]:
    """The ids of the words, without BERT's marks around them."""
    return ids[1:-1] if len(ids) > 2 and (ids[0], ids[-1]) == (101, 102) else ids


def _pairs(line: str, number: int) -> Iterator[Reading]:
    for match in _PAIR.finditer(line):
        word = match["word"] or match["special"] or match["said"]
        yield Reading(word.strip(), int(match["id"] or match["special_id"] or match["first"]), number)


def _matches(readings: Sequence[Reading], known: Known) -> int:
    return sum(reading.id in _ids(reading.word, known) for reading in readings)


def _ids(word: str, known: Known) -> frozenset[int]:
    return known.get(word) or known.get(word.casefold()) or frozenset()


def _of_sequences(found: _Found) -> Iterator[tuple[int, str]]:
    """Sequences most of whose words have the ids of a tokenizer, with one that has another."""
    bad: set[tuple[int, ...]] = set()
    told: dict[tuple[int, ...], str] = {}
    for readings in found.sequences:
        for name, known in _NAMES.items():
            sure = [reading for reading in readings if _ids(reading.word, known)]
            off = [reading for reading in sure if reading.id not in _ids(reading.word, known)]
            if off and len(sure) - len(off) >= max(_ENOUGH, len(off) + 1):
                ids = tuple(reading.id for reading in readings)
                bad.add(ids)
                told[ids] = _says(off[0], name)
                yield readings[0].line, told[ids]
    for line, ids in found.lists:
        if _inner(ids) in bad:
            yield line, told[_inner(ids)]


def _says(reading: Reading, name: str) -> str:
    right = " or ".join(map(str, sorted(_ids(reading.word, _NAMES[name]))))
    return f"the id {reading.id} is given for '{reading.word}', which is {right} in {name}"


def _of_pairs(found: _Found, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Single pairs that contradict the tokenizer that the document's other ids are of, or BERT's special tokens."""
    readings = [*found.pairs, *(reading for sequence in found.sequences for reading in sequence)]
    distinct = {(reading.word.casefold(), reading.id): reading for reading in readings}
    for name, known in _NAMES.items():
        used = _matches(list(distinct.values()), known)
        rivals = max(
            _matches(list(distinct.values()), other) for other_name, other in _NAMES.items() if other_name != name
        )
        for reading in found.pairs:
            right = _ids(reading.word, known)
            others = any(reading.id in _ids(reading.word, other) for other in _NAMES.values())
            if right and not others and used >= _ENOUGH and used > rivals:
                yield reading.line, _says(reading, name)
    for reading in found.pairs:
        right_id = _SPECIAL.get(reading.word)
        if right_id is None or reading.id == right_id:
            continue
        around = " ".join(lines[max(reading.line - 3, 0) : reading.line + 3])
        named = _NAMED["BERT"].search(around) and not _BERT_LIKE.search(around)
        if reading.id in (100, 101, 102, 103) or (named and _ABOUT_IDS.search(around)):
            yield reading.line, _says(reading, "BERT")


def _twice(found: _Found, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Two words of one block of pairs that share an id."""
    for block in _blocks(found.pairs):
        first, last = block[0].line, block[-1].line
        around = "\n".join(lines[max(first - 3, 0) : last + 2][:60])
        if not _ABOUT_IDS.search(around) or _NOT_IDS.search(around):
            continue
        seen: dict[int, str] = {}
        for reading in block:
            other = seen.setdefault(reading.id, reading.word)
            if other.casefold() != reading.word.casefold():
                yield reading.line, f"the id {reading.id} is given for '{other}' and for '{reading.word}'"


def _blocks(pairs: Sequence[Reading]) -> Iterator[list[Reading]]:
    """Pairs on lines that follow each other."""
    block: list[Reading] = []
    for reading in pairs:
        if block and reading.line - block[-1].line > 1:
            yield block
            block = []
        block.append(reading)
    if block:
        yield block


def _too_large(found: _Found, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Ids beyond the end of the vocabulary that the same line names."""
    for line, ids in found.lists:
        text = lines[line]
        if len(ids) < _SENTENCE or _SHAPE.search(text):
            continue
        for name, pattern in _NAMED.items():
            outside = [id_ for id_ in ids if id_ >= _SIZES[name]]
            lone = not any(other.search(text) for other_name, other in _NAMED.items() if other_name != name)
            if outside and lone and pattern.search(text) and _ABOUT_IDS.search(text) and not _BERT_LIKE.search(text):
                yield line, f"the id {outside[0]} is beyond {name}'s vocabulary, whose last id is {_SIZES[name] - 1}"

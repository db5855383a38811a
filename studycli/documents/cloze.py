"""Clozes: the places `{{c1::answer}}` and `{{c1::answer::hint}}` of a text, found in one pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from studycli.documents.code_spans import CodeSpans
from studycli.documents.outline import Outline

LARGEST = 500
"""The highest number of a cloze: Anki's."""
MOST = 50
"""How many numbers the clozes of one card may have."""
LONGEST = 20_000
"""Characters of a text that is looked through for clozes."""

_TOKEN = re.compile(r"\\.|\{\{c([0-9]{1,6})::|::|[{}]", re.DOTALL)
_HINT = "write {{c1::answer}} or {{c1::answer::hint}}"


@dataclass(frozen=True, slots=True)
class Cloze:
    """One cloze, as offsets into its text: the answer is `inner`..`tail`, all of it `start`..`end`."""

    number: int
    start: int
    inner: int
    tail: int
    end: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What begins like a cloze at an offset and is none, so that it is text."""

    offset: int
    message: str
    hint: str = _HINT


@dataclass(frozen=True, slots=True)
class Clozes:
    """The clozes of a text by their start, outer ones before those inside them, and what is wrong with others."""

    found: tuple[Cloze, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def numbers(self) -> list[int]:
        """Their numbers, each once, in order."""
        return sorted({cloze.number for cloze in self.found})


@dataclass(slots=True)
class _Open:
    """A cloze that is not closed yet: `depth` braces of its answer are open, `split` is where its hint begins."""

    number: int
    start: int
    inner: int
    depth: int = 0
    split: int | None = None


def read(text: str) -> Clozes:
    """The clozes of a Markdown text. In code, behind a backslash and where malformed, `{{c1::` is text.

    A cloze may hold others. Braces within an answer come in pairs, as they do in LaTeX; the first `::` outside of code
    begins the hint. Linear in the length of the text.
    """
    if "{{c" not in text:
        return Clozes()
    if len(text) > LONGEST:
        if (first := re.search(r"\{\{c[0-9]{1,6}::", text)) is None:
            return Clozes()
        message = f"no cloze is looked for in a text of more than {LONGEST:,} characters"
        return Clozes(faults=(Fault(first.start(), message, "make several cards of it"),))
    return _read(text)


@lru_cache(maxsize=64)
def _read(text: str) -> Clozes:
    code = CodeSpans(Outline(text))
    stack: list[_Open] = []
    found: list[Cloze] = []
    faults: list[Fault] = []
    end = 0
    for token in _TOKEN.finditer(text):
        at = token.start()
        # The brace after one that closed a cloze is that cloze's own.
        if at < end or token[0][0] == "\\" or at in code:
            continue
        top = stack[-1] if stack else None
        if token[1] is not None:
            fault = _opening_fault(int(token[1]), top)
            if fault is None:
                stack.append(_Open(int(token[1]), at, token.end()))
                continue
            faults.append(Fault(at, fault))
            if top is not None:
                top.depth += 2
        elif top is None:
            continue
        elif token[0] == "{":
            top.depth += 1
        elif token[0] == "::":
            top.split = at if top.split is None and not top.depth else top.split
        elif top.depth:
            top.depth -= 1
        elif text.startswith("}}", at):
            stack.pop()
            end = at + 2
            _close(text, top, at, found, faults)
    faults += (Fault(left.start, f"the cloze c{left.number} is not closed", _UNCLOSED) for left in stack)
    clozes = Clozes(tuple(sorted(found, key=lambda cloze: cloze.start)), tuple(faults))
    if len(clozes.numbers) > MOST:
        message = f"clozes with more than {MOST} numbers are left as text"
        return Clozes(faults=(Fault(clozes.found[0].start, message, "make several cards of it"),))
    return clozes


_UNCLOSED = "end it with }}; braces within its answer come in pairs"


def _opening_fault(number: int, outer: _Open | None) -> str | None:
    if number == 0:
        return "clozes count from c1, so c0 is none"
    if number > LARGEST:
        return f"c{number} is no cloze: they count to c{LARGEST}"
    if outer is not None and outer.split is not None:
        return f"the cloze c{number} stands in the hint of another"
    return None


def _close(text: str, opened: _Open, at: int, found: list[Cloze], faults: list[Fault]) -> None:
    tail = at if opened.split is None else opened.split
    if not text[opened.inner : tail].strip():
        faults.append(Fault(opened.start, f"the cloze c{opened.number} has no answer"))
        return
    hint = "" if opened.split is None else " ".join(text[opened.split + 2 : at].split())
    found.append(Cloze(opened.number, opened.start, opened.inner, tail, at + 2, hint))

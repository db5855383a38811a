"""Repair of text that was decoded wrongly before it was saved: UTF-8 read as a code page, once or twice.

A whole document at a time where that is what happened to it, else line by line, else only the sequences that nobody
writes on purpose. Evidence decides; a healthy document comes back as the very same string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from studycli.documents.code_pages import CodePage, code_pages
from studycli.documents.lines import line_numbers, listed
from studycli.documents.lost_bytes import UNKNOWN, known, restore
from studycli.model.problem import Problem, Severity

_ROUNDS = 2
_STRANGERS = 20  # so many sequences outweigh one character that the code page can't explain
_ENOUGH = 4  # so many two-byte sequences are no accident
_SAMPLE = 50  # contexts looked at when there are only two-byte sequences
_RUN = 256  # characters of context kept for the lines of a box

_NON_ASCII = re.compile(r"[^\x00-\x7f]")
# Punctuation, arrows, mathematics, boxes, emoji: as three or four characters of a code page, no prose holds them.
_TELLING = re.compile("[\u2010-\u2bff\ufe0f\ufeff\U0001d400-\U0001d7ff\U0001f000-\U0001faff]")
# A letter of another script inside a Latin word, one hardly ever used, or a combining mark on nothing: an accident.
_ACCIDENT = re.compile(
    "[A-Za-z][\u0400-\u1aff]|[\u0400-\u1aff][A-Za-z]|(?<![^\\W\\d_])[\u0300-\u036f]"
    "|[\u0180-\u018e\u0190\u0191\u0193-\u019f\u01b1-\u01c9\u01e4-\u0217\u021c-\u024f]"
)
_CHECK = "check the text, then save it as UTF-8"
_RETYPE = "type it again, and save the document as UTF-8"
# What ftfy leaves alone, but nobody writes: the root of an accent, a capital between a small letter and a sign.
_ODD = re.compile(r"√[À-ÖØ-öø-ÿ]|[À-ÞĀ-Ž]Ÿ|[a-z][À-ÖØ-Þ][^\x00-\x7f]")
_PUNCTUATION = frozenset("”’»…–—“‘«\u00a0")  # what may well follow an accented letter


@dataclass
class _Attempt:
    """What reading a text back through one code page gives; places are offsets into the text before."""

    page: CodePage
    text: str = ""
    sequences: int = 0
    strangers: int = 0
    telling: bool = False
    contexts: list[str] = field(default_factory=list)
    inferred: list[tuple[int, str]] = field(default_factory=list)
    unrepaired: list[int] = field(default_factory=list)

    def convincing(self, lone: bool) -> bool:
        """Whether this is what happened to the text. With `lone`, one odd two-byte sequence is evidence enough."""
        if not self.sequences or self.strangers * _STRANGERS > self.sequences:
            return False
        if self.telling or self.sequences >= _ENOUGH:
            return True
        return (lone or self.sequences > 1) and self.odd()

    def odd(self) -> bool:
        """Whether the sequences look wrong in their places."""
        from ftfy.badness import is_bad

        return any(is_bad(context) or _ODD.search(context) for context in self.contexts)


@dataclass
class _Outcome:
    """One round of repair over a document."""

    text: str
    pages: list[str]
    characters: int = 0
    inferred: list[tuple[int, str]] = field(default_factory=list)  # 1-based line, character
    unrepaired: list[int] = field(default_factory=list)  # 1-based lines


def repair(text: str) -> tuple[str, tuple[Problem, ...]]:
    """The text as it was meant, and what was done to it. Healthy text comes back unchanged, without problems."""
    rounds: list[_Outcome] = []
    while not text.isascii() and len(rounds) < _ROUNDS:
        outcome = _round(text)
        if outcome.text == text:
            rounds += [outcome] if outcome.unrepaired and not rounds else []
            break
        rounds.append(outcome)
        text = outcome.text
    return text, tuple(_problems(rounds))


def _round(text: str) -> _Outcome:
    suspects = [page for page in code_pages() if page.whole.search(text)]
    best = _best([_attempt(text, page) for page in suspects], lone=True)
    if best:
        outcome = _Outcome(best.text, [best.page.name], best.sequences)
        lines = line_numbers(text, [offset for offset, _ in best.inferred])
        outcome.inferred = [(line, character) for line, (_, character) in zip(lines, best.inferred, strict=True)]
        outcome.unrepaired = line_numbers(text, best.unrepaired)
        return outcome
    return _by_line(text, suspects) if suspects else _Outcome(text, [])


def _best(attempts: list[_Attempt], lone: bool) -> _Attempt | None:
    convincing = [attempt for attempt in attempts if attempt.convincing(lone)]
    return max(convincing, key=lambda it: it.sequences + len(it.inferred) - _STRANGERS * it.strangers, default=None)


def _by_line(text: str, suspects: list[CodePage]) -> _Outcome:
    """Repair the lines that were decoded wrongly as a whole, and elsewhere only what is unmistakable."""
    from ftfy import fix_encoding

    lines = text.split("\n")
    outcome = _Outcome(text, [])
    doubtful: list[tuple[int, _Attempt]] = []
    for index, line in enumerate(lines):
        attempts = [] if line.isascii() else [_attempt(line, page) for page in suspects if page.whole.search(line)]
        best = _best(attempts, lone=False)
        if best:
            _take(lines, index, best, outcome)
            continue
        for attempt in attempts:
            lines[index], count = _unmistakable(lines[index], attempt.page)
            outcome.characters += count
            outcome.pages += [attempt.page.name] if count else []
        if lines[index] == line:
            doubtful += [(index, attempt) for attempt in attempts if attempt.odd() and fix_encoding(line) != line][:1]
    for index, attempt in doubtful:
        if outcome.characters and attempt.convincing(lone=True):
            _take(lines, index, attempt, outcome)
        else:
            outcome.unrepaired.append(index + 1)
    outcome.pages = list(dict.fromkeys(outcome.pages))
    outcome.unrepaired.sort()
    outcome.text = "\n".join(lines)
    return outcome


def _take(lines: list[str], index: int, attempt: _Attempt, outcome: _Outcome) -> None:
    lines[index] = attempt.text
    outcome.pages.append(attempt.page.name)
    outcome.characters += attempt.sequences
    outcome.inferred += [(index + 1, character) for _, character in attempt.inferred]
    outcome.unrepaired += [index + 1] * len(attempt.unrepaired)


def _unmistakable(line: str, page: CodePage) -> tuple[str, int]:
    """Repair the sequences for punctuation, arrows, boxes and emoji that can't be prose; return how many."""
    count = 0

    def meant(match: re.Match[str]) -> str:
        nonlocal count
        decoded = page.encode(match[0]).decode()
        if not _TELLING.match(decoded) or _PUNCTUATION.issuperset(match[0][1:]):
            return match[0]
        count += 1
        return decoded

    return page.whole.sub(meant, line), count


def _attempt(text: str, page: CodePage) -> _Attempt:
    """Read a text back through a code page, keeping the books that tell whether it makes sense."""
    attempt = _Attempt(page)
    parts: list[str] = []
    position, run = 0, ""
    for match in page.token.finditer(text):
        between = text[position : match.start()]
        if between:
            attempt.strangers += 0 if between.isascii() else len(_NON_ASCII.findall(between))
            run = ""
        parts.append(between)
        position = match.end()
        if match["whole"]:
            parts.append(_whole(attempt, text, match))
        else:
            parts.append(_broken(attempt, text, match, run))
        told = not attempt.unrepaired or attempt.unrepaired[-1] != match.start()
        run = (run + (parts[-1] if told else UNKNOWN))[-_RUN:]
    rest = text[position:]
    attempt.strangers += len(_NON_ASCII.findall(rest))
    attempt.text = "".join([*parts, rest])
    return attempt


def _whole(attempt: _Attempt, text: str, match: re.Match[str]) -> str:
    start, end = match.span()
    decoded = attempt.page.encode(match[0]).decode()
    if _ACCIDENT.search(text[max(start - 1, 0) : start] + decoded + text[end : end + 1]):
        attempt.strangers += end - start
        return match[0]
    attempt.sequences += len(decoded)
    attempt.telling = attempt.telling or bool(_TELLING.search(decoded) and not _PUNCTUATION.issuperset(match[0][1:]))
    if len(attempt.contexts) < _SAMPLE:
        attempt.contexts.append(text[max(start - 2, 0) : min(end, start + _RUN) + 2])
    return decoded


def _broken(attempt: _Attempt, text: str, match: re.Match[str], run: str) -> str:
    page, raw, space = attempt.page, match["broken"], match["space"]
    rest, end = page.encode(raw), match.end("broken")
    character = restore(rest, page.lost, run, _next(text, end, page))
    if character is None and space and (character := restore(rest + b" ", page.lost, run, _next(text, end + 1, page))):
        space = " " if character == "à" and text[end + 1 : end + 2].isalnum() else ""
    if character is None:
        attempt.unrepaired.append(match.start())
        attempt.strangers += 0 if known(rest, page.lost) else 1
        return match[0]
    attempt.inferred.append((match.start(), character))
    return character + space


def _next(text: str, position: int, page: CodePage) -> str:
    """The character that follows once repaired; UNKNOWN when it has lost a byte too."""
    if match := page.whole.match(text, position):
        return page.encode(match[0]).decode()
    if page.token.match(text, position):
        return UNKNOWN
    return text[position : position + 1]


def _problems(rounds: list[_Outcome]) -> Iterable[Problem]:
    pages = [" and ".join(outcome.pages) for outcome in reversed(rounds) if outcome.characters]
    if pages:
        count = max(outcome.characters for outcome in rounds)
        misread = ", then again as ".join(pages)
        message = f"UTF-8 was read as {misread} before the text was saved; {count} characters were repaired"
        yield Problem(severity=Severity.INFO, line=0, message=message, hint=_CHECK)
    inferred = sorted(pair for outcome in rounds for pair in outcome.inferred)
    if inferred:
        shown = " ".join(sorted({character for _, character in inferred if character.isprintable()}))
        message = f"{len(inferred)} characters had lost a byte and were restored by what fits ({shown})"
        yield _warning([line for line, _ in inferred], message, _CHECK)
    unrepaired = sorted(line for outcome in rounds for line in outcome.unrepaired)
    if unrepaired:
        yield _warning(unrepaired, "some text looks decoded wrongly and can't be repaired safely", _RETYPE)


def _warning(lines: list[int], message: str, hint: str) -> Problem:
    return Problem(severity=Severity.WARNING, line=lines[0], message=f"{message}: {listed(lines)}", hint=hint)

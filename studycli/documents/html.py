"""HTML in a document: its tags are dropped, scripts and the like with all they hold; other text stays."""

from __future__ import annotations

import re

from studycli.documents.code_spans import CodeSpans
from studycli.documents.outline import Outline
from studycli.model.problem import Problem, Severity

# What these hold is no text for a reader.
_HOLDS_NO_TEXT = "script style textarea svg template iframe object canvas noscript"
# `s` is left out: in lessons on language models <s> is a token far more often than a line through a word.
_ELEMENTS = (
    f"{_HOLDS_NO_TEXT} a abbr address article aside audio b base bdi bdo big blockquote body br button caption center "
    "cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure "
    "font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i img input ins kbd label legend "
    "li link main map mark menu meta meter nav ol optgroup option output p param picture pre progress q rp rt ruby "
    "samp section select small source span strike strong sub summary sup table tbody td tfoot th thead time title "
    "tr track tt u ul var video wbr"
)
_VALUE = r"""(?:"(?:[^"\n]|\n(?!\s*\n))*+"|'(?:[^'\n]|\n(?!\s*\n))*+'|[^\s"'=<>`]++)"""
_ATTRIBUTES = rf"""(?:\s++[^\s"'<>/=]++(?:\s*+=\s*+{_VALUE})?+)*+\s*+/?"""
_TAG = re.compile(rf"</?(?:{'|'.join(_ELEMENTS.split())})(?=[\s/>]){_ATTRIBUTES}>", re.IGNORECASE)
_OPENS = re.compile(rf"<(?:(!--)|({'|'.join(_HOLDS_NO_TEXT.split())})(?=[\s/>]))", re.IGNORECASE)
_PASSES = 2  # the first may uncover more: a script can hold what looks like the start of a code block
_SCRIPTS = ("script", "style")


def drop_html(outline: Outline) -> tuple[Outline, list[Problem]]:
    """The outline of the same document without HTML, line for line; code is left as it is."""
    if not any("<" in line for line in outline.lines):
        return outline, []
    problems: list[Problem] = []
    for _ in range(_PASSES):
        text, found = _drop_elements(outline)
        problems += found
        outline = Outline(text)
    return Outline(_drop_tags(outline)), problems


def _drop_elements(outline: Outline) -> tuple[str, list[Problem]]:
    """Cut out comments and the elements that hold no text, leaving their line ends."""
    text = "\n".join(outline.lines)
    code = CodeSpans(outline)
    parts: list[str] = []
    problems: list[Problem] = []
    unclosed: set[str] = set()
    position = 0
    for opening in _OPENS.finditer(text):
        start, name = opening.start(), (opening[1] or opening[2]).lower()
        if start < position or start in code or name in unclosed:
            continue
        closing = _closing(name).search(text, start)
        if not closing:
            unclosed.add(name)
            if name not in _SCRIPTS:
                continue
            problems.append(_unclosed(name, text.count("\n", 0, start) + 1))
        end = closing.end() if closing else len(text)
        parts += [text[position:start], "\n" * text.count("\n", start, end)]
        position = end
    return "".join([*parts, text[position:]]), problems


def _closing(name: str) -> re.Pattern[str]:
    return re.compile("-->" if name == "!--" else rf"</{name}\s*>", re.IGNORECASE)


def _unclosed(name: str, line: int) -> Problem:
    message = f"<{name}> opens here and never closes, so the rest of the document was dropped with it"
    return Problem(severity=Severity.ERROR, line=line, message=message, hint=f"close it with </{name}>, or remove it")


def _drop_tags(outline: Outline) -> str:
    text = "\n".join(outline.lines)
    code = CodeSpans(outline)
    parts: list[str] = []
    position = 0
    for tag in _TAG.finditer(text):
        start = tag.start()
        if start in code:
            continue
        before = text[position:start]
        line_start = before.rfind("\n") + 1
        if not before[line_start:].strip() and (line_start or not parts or parts[-1].endswith("\n")):
            before = before[:line_start]  # the indentation of a tag would make code of what it holds
        breaks = tag[0].count("\n") * "\n"
        parts += [before, breaks or (" " if tag[0][1:3].lower() == "br" else "")]
        position = tag.end()
    return "".join([*parts, text[position:]])

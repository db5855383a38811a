"""The links of a document, grouped by what stands above them."""

from __future__ import annotations

import re

from studycli.documents.code_spans import CodeSpans
from studycli.documents.outline import Kind, Outline
from studycli.model.lesson import Resource

_LINK = re.compile(
    r"""(?<!!)\[([^\[\]\n]*+)\]\(\s*+<?([^()\s<>]++(?:\([^()\s]*+\)[^()\s<>]*+)*+)>?(?:\s++(?:"[^"\n]*"|'[^'\n]*'))?\s*+\)"""
    r"""|<(https?://[^\s<>]++)>|(?<![\w(<\["'])(https?://[^\s<>()\[\]"'|]++)"""
)
_LABEL = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?\*\*([^*\n]+?):?\*\*[ \t]*:?[ \t]*$")

_IN_LIST = re.compile(r"^(?:[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t])")


def links(outline: Outline) -> tuple[Resource, ...]:
    """Every link once, in order. Its group is the bold label over its list, else the title of its section."""
    code = CodeSpans(outline)
    found: dict[tuple[str, str], Resource] = {}
    group = section = ""
    titles = {line: title for line, _, title in outline.headings}
    offset = 0
    for number, (line, kind) in enumerate(zip(outline.lines, outline.kinds, strict=True)):
        if kind == Kind.HEADING:
            group = section = titles[number].replace("*", "")
        elif kind == Kind.RULE:
            group = section
        elif kind == Kind.TEXT and (label := _LABEL.match(line)):
            group = label[1].strip()
        elif kind not in (Kind.CODE, Kind.FENCE):
            if kind == Kind.TEXT and not _IN_LIST.match(line):
                group = section
            for match in _LINK.finditer(line):
                if offset + match.start() not in code:
                    url = match[2] or match[3] or match[4].rstrip(".,;:!?")
                    title = (match[1] or "").strip() or url
                    resource = Resource(title=title, url=url, group=group, line=number + 1)
                    found.setdefault((title, url), resource)
        offset += len(line) + 1
    return tuple(found.values())

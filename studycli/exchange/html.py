"""Markdown to HTML for Anki: everything that is not Markdown is escaped, LaTeX becomes MathJax."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from studycli.documents import dialect
from studycli.exchange.links import local_only
from studycli.exchange.text import clean, one_line

# What Anki looks for in the stored field itself: sound, speech and LaTeX that it would play, speak or run.
_ANKI_TAG = re.compile(r"\[(?=\s*/?(?:sound:|anki:|latex|\$))", re.IGNORECASE)
# TeX that reaches out of its formula: links, attributes, definitions.
_ACTIVE_TEX = re.compile(
    r"\\(?:href|url|require|class|cssId|style|data|unicode|csname|includegraphics|input|include|write|def|edef|gdef|let"
    r"|newcommand|renewcommand|newenvironment|DeclareMathOperator|catcode|immediate)(?![a-z])",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[A-Za-z][\w+#.-]{0,30}(?=\s|$)", re.ASCII)
_TEX_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


def from_markdown(text: str) -> str:
    """HTML of a Markdown text; "" where nothing of it shows. Line feeds stand only between blocks and in `<pre>`."""
    html = _renderer().render(local_only(dialect.parse(clean(text))), _OPTIONS, {})
    return _ANKI_TAG.sub("&#91;", html).strip()


def from_text(text: str) -> str:
    """HTML of a plain text, on one line."""
    return _ANKI_TAG.sub("&#91;", _escape(one_line(text)))


def on_one_line(html: str) -> str:
    """The same HTML without a line feed or tab: `<br>` for those in `<pre>`, a blank for the others."""
    parts = re.split(r"(<pre>.*?</pre>)", html, flags=re.DOTALL)
    return "".join(
        part.replace("\n</code>", "</code>").replace("\n", "<br>").replace("\t", "    ")
        if part.startswith("<pre>")
        else re.sub(r"\s+", " ", part.replace("<br>\n", "<br>"))
        for part in parts
    )


class _Renderer(RendererHTML):
    """markdown-it's HTML, with formulas for MathJax, and no other backslash that MathJax would take for its own.

    Code keeps its language as a class and no coloured parts: Anki's search and editor see the code itself.
    """

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        return re.sub(r"\\(?=[(\[])", r"<span>\\</span>", escapeHtml(tokens[idx].content))

    def math_inline(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        token = tokens[idx]
        if _ACTIVE_TEX.search(token.content):
            return f"<code>{_escape(token.content)}</code>"
        display = token.markup in ("$$", "\\[")
        return f"\\[{_tex(token)}\\]" if display else f"\\({_tex(token)}\\)"

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        return f"<p>{self.math_inline(tokens, idx, options, env)}</p>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        token = tokens[idx]
        language = _LANGUAGE.match(token.info.strip())
        attribute = f' class="language-{language[0].casefold()}"' if language else ""
        return f"<pre><code{attribute}>{escapeHtml(token.content)}</code></pre>\n"


def _tex(token: Token) -> str:
    """A formula on one line; its comments go first, since they end with their line."""
    return _escape(" ".join(_TEX_COMMENT.sub("", token.content).split()))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_OPTIONS = OptionsDict(
    {
        "maxNesting": 0,
        "html": False,
        "linkify": False,
        "typographer": False,
        "quotes": "",
        "xhtmlOut": False,
        "breaks": True,  # as on the terminal: decks write fields and drawings one line under another
        "langPrefix": "",
        "highlight": None,
    }
)


@cache
def _renderer() -> _Renderer:
    return _Renderer()

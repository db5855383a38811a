"""HTML is dropped, scripts with all they hold; code and other text stays, line for line."""

from __future__ import annotations

import pytest

from studycli.documents.html import drop_html
from studycli.documents.outline import Outline
from studycli.model.problem import Severity


def text_of(text: str) -> str:
    return "\n".join(drop_html(Outline(text))[0].lines)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no tags", "no tags"),
        ("<div class='a'>one <b>two</b></div>", "one two"),
        ("one<br/>two", "one two"),
        ('<a href="x.md" title="a > b">Next</a> page', "Next page"),
        ("<h4>Your notes</h4>", "Your notes"),
        ("    <p>indented</p>", "indented"),
        ("<DIV>upper</DIV >", "upper"),
        ("one <script>alert('# x')</script> two", "one  two"),
        ("<style>p { color: red }</style>two", "two"),
        ("<textarea name=a>typed</textarea>two", "two"),
        ("<svg><path d='M0'/><text>x</text></svg>two", "two"),
        ("one <!-- hidden --> two", "one  two"),
        ("a <|endoftext|> <pad> <s> x < y > z List<int> <https://example.org>",) * 2,
        ("`<div>` and ``<script>`` stay, <i>these</i> go", "`<div>` and ``<script>`` stay, these go"),
        ("a ` b <i>c</i>", "a ` b c"),
        ("\\`<i>c</i>\\`", "\\`c\\`"),
        ("1 <p and 2 > 1", "1 <p and 2 > 1".replace("<p and 2 >", "")),
    ],
)
def test_one_line(text: str, left: str) -> None:
    assert text_of(text) == left


def test_lines_keep_their_numbers() -> None:
    text = "one\n<script>\n# no heading\n```\n</script>\ntwo\n<div\n class='a'\n>three</div>\n<!--\n\n-->\nfour"
    assert text_of(text).split("\n") == ["one", "", "", "", "", "two", "", "", "three", "", "", "", "four"]


def test_fenced_code_is_untouched() -> None:
    text = "```html\n<script>x</script>\n<div>\n```\n<div>gone</div>"
    assert text_of(text) == "```html\n<script>x</script>\n<div>\n```\ngone"


def test_a_script_that_holds_a_fence_hides_no_heading() -> None:
    outline, problems = drop_html(Outline("# One\n<script>\nlet a = `\n```\n`\n</script>\n# Two\n"))
    assert [title for _, _, title in outline.headings] == ["One", "Two"]
    assert problems == []


def test_an_unclosed_script_is_a_problem_and_drops_the_rest() -> None:
    outline, problems = drop_html(Outline("one\n<script>\nalert()\n"))
    assert "\n".join(outline.lines) == "one\n\n\n"
    assert [(problem.severity, problem.line) for problem in problems] == [(Severity.ERROR, 2)]


def test_an_unclosed_textarea_or_comment_drops_only_itself() -> None:
    assert text_of("one\n<textarea rows=2>\ntwo <!-- three") == "one\n\ntwo <!-- three"

"""Markdown to HTML."""

import html as stdlib_html
import re
import time
import warnings

import genanki
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.exchange import html

MARKUP = st.text(
    st.sampled_from([*"ab \n\t*_`|-<>&\"'$\\()[]{}#:!/=~.1", "é", "\x00", "\ud800", "\u202e"]), max_size=80
)
HTML_TAG = re.compile(r"</?([a-z0-9]+)((?: [a-z]+=\"[^\"<>]*\")*)>")
ALLOWED = re.compile("p|strong|em|s|code|pre|[uo]l|li|table|thead|tbody|t[rhd]|h[1-6r]|br|blockquote|a|span")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain & <simple>", "<p>plain &amp; &lt;simple&gt;</p>"),
        ("**a** *b* ~~c~~ `d<e`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d&lt;e</code></p>"),
        ("&lt;b&gt; &copy;", "<p>&lt;b&gt; ©</p>"),
        ("```\n┌─┐\n│<│\n```", "<pre><code>┌─┐\n│&lt;│\n</code></pre>"),
        ('```py"><script>\nx\n```', "<pre><code>x\n</code></pre>"),
        ("```Python title\nx\n```", '<pre><code class="language-python">x\n</code></pre>'),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>"),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        ("a<br>b<BR/>c", "<p>a<br>\nb<br>\nc</p>"),
        ("a <!-- hidden --> b", "<p>a  b</p>"),
        ("a\n<!-- hidden\nlines -->\n\nb", "<p>a</p>\n<p>b</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<b onclick='x'>", "<p>&lt;b onclick='x'&gt;</p>"),
        ("\x00a\x1b[31m\u202eb\ufeff", "<p>a[31mb</p>"),
        ("a\ud800", "<p>a\N{REPLACEMENT CHARACTER}</p>"),
    ],
)
def test_markdown(text: str, expected: str) -> None:
    assert html.from_markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x_1 < y_1$", r"<p>\(x_1 &lt; y_1\)</p>"),
        (r"\(a * b * c\)", r"<p>\(a * b * c\)</p>"),
        ("see $$a^2$$ there", r"<p>see \[a^2\] there</p>"),
        (r"\[a = b\]", r"<p>\[a = b\]</p>"),
        ("$$\na\n\n- b % why\n= c\n$$\nend", "<p>\\[a - b = c\\]</p>\n<p>end</p>"),
        ("- item\n  $$\n  x\n  $$", "<ul>\n<li>item<p>\\[x\\]</p>\n</li>\n</ul>"),
        (r"$a \$ b$", r"<p>\(a \$ b\)</p>"),
        ("| a |\n|---|\n| $x|y$ |", None),
        ("$5 and $6", "<p>$5 and $6</p>"),
        ("US$5 or A$6, $7-$8", "<p>US$5 or A$6, $7-$8</p>"),
        ("$HOME/$PATH", "<p>$HOME/$PATH</p>"),
        ("$ x $", "<p>$ x $</p>"),
        ("$$$$ $$", "<p>$$$$ $$</p>"),
        (r"\$5$", "<p>$5$</p>"),
        (r"\[CLS\] text \[SEP\]", "<p>[CLS] text [SEP]</p>"),
        ("$" + "x" * 2001 + "$", "<p>$" + "x" * 2001 + "$</p>"),
        ("$$ never closed", "<p>$$ never closed</p>"),
        (r"`$x$` and `\(y\)`", r"<p><code>$x$</code> and <code>\(y\)</code></p>"),
        (r"\\(literal\\)", r"<p><span>\</span>(literal\)</p>"),
        (r"$\href{javascript:alert(1)}{x}$", r"<p><code>\href{javascript:alert(1)}{x}</code></p>"),
        (r"$$\def\x{y}$$", r"<p><code>\def\x{y}</code></p>"),
        (r"$\hrefs$ $\definition$", r"<p>\(\hrefs\) \(\definition\)</p>"),
    ],
)
def test_formulas(text: str, expected: str | None) -> None:
    found = html.from_markdown(text)
    assert r"<td>\(x|y\)</td>" in found if expected is None else found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](https://e.org/?x=1&y)", '<a href="https://e.org/?x=1&amp;y">a</a>'),
        ("<mailto:a@e.org>", '<a href="mailto:a@e.org">mailto:a@e.org</a>'),
        ("[a](other.md#x)", "<p>a</p>"),
        ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
        ("[a](JaVaScRiPt:alert(1))", "(JaVaScRiPt:alert(1))"),
        ("[a](data:text/html;base64,x)", "[a](data:"),
        ("[a](vbscript:x)", "[a](vbscript:x)"),
        ("![alt *x*](https://e.org/a.png)", "[image: alt *x*, https://e.org/a.png]"),
        ("![](data:image/png;base64,AAAA)", "<p>[image]</p>"),
        ("![alt](local.png)", "<p>[image: alt]</p>"),
        ("[![i](https://e.org/i.png)](https://e.org)", '<a href="https://e.org">[image: i, https://e.org/i.png]</a>'),
    ],
)
def test_links_lead_to_the_web_or_nowhere_and_images_are_words(text: str, expected: str) -> None:
    found = html.from_markdown(text)
    assert expected in found
    assert "<img" not in found
    assert 'href="javascript' not in found.casefold()


@pytest.mark.parametrize(
    "tag", ["[sound:a.mp3]", "[SOUND:a.mp3]", "[latex]x[/latex]", "[$$]x[/$$]", "[anki:tts lang=en]x[/anki:tts]"]
)
def test_what_anki_would_play_or_run_is_text(tag: str) -> None:
    for text in (tag, f"`{tag}`", f"```\n{tag}\n```", f"| a |\n|---|\n| {tag} |"):
        found = html.from_markdown(text)
        assert not re.search(r"\[/?(sound:|latex|\$|anki:)", found, re.IGNORECASE)
        if "$" not in tag:
            assert tag in stdlib_html.unescape(found)
    assert "[" not in html.from_text(tag)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| x | m|i-j| | y |", ["x", "m|i-j|", "y"]),
        ("| x | `a|b` | y |", ["x", "<code>a|b</code>", "y"]),
        (r"| x | a \| b | y |", ["x", "a | b", "y"]),
        ("| x | y | z | more |", ["x", "y", "z | more"]),
        ("| x | y |", ["x", "y", ""]),
        ("x | $|v|$ | z", ["x", r"\(|v|\)", "z"]),
    ],
)
def test_no_word_of_a_table_row_is_lost(row: str, cells: list[str]) -> None:
    found = html.from_markdown(f"| a | b | c |\n|---|---|---|\n{row}")
    assert re.findall("<td>(.*)</td>", found) == cells


def test_pipes_of_code_blocks_and_text_stay() -> None:
    text = "```\n| a |\n|---|\n| x | y | z |\n```\n\n|a| and |b|"
    assert "| x | y | z |" in html.from_markdown(text)
    assert "<p>|a| and |b|</p>" in html.from_markdown(text)


@given(MARKUP)
def test_only_our_own_tags_come_out(text: str) -> None:
    found = html.from_markdown(text)
    for name, attributes in HTML_TAG.findall(found):
        assert ALLOWED.fullmatch(name)
        assert not attributes or re.fullmatch(r' (href|class|style|start)="[^"]*"', attributes)
    assert "<" not in HTML_TAG.sub("", found)
    assert "\x00" not in found
    found.encode("utf-8")


@given(MARKUP)
def test_genanki_finds_no_html_to_warn_about(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        genanki.Note(fields=[html.from_markdown(text), html.from_text(text)])._check_invalid_html_tags_in_fields()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="`"), min_size=1))
def test_code_comes_through_unchanged(code: str) -> None:
    code = " ".join(code.split()) or "x"
    found = html.from_markdown(f"```\n{code}\n```")
    assert stdlib_html.unescape(found) == f"<pre><code>{code}\n</code></pre>"


@given(MARKUP)
def test_one_line_html_has_no_line_feed_and_no_tab(text: str) -> None:
    found = html.on_one_line(html.from_markdown(text))
    assert not re.search(r"[\n\t\r]", found)


def test_lines_under_one_another_stay_so() -> None:
    assert html.from_markdown("┌─┐\n└─┘\n**A:** b") == "<p>┌─┐<br>\n└─┘<br>\n<strong>A:</strong> b</p>"


def test_one_line_html_keeps_the_lines_and_blanks_of_code() -> None:
    found = html.on_one_line(html.from_markdown("a\nb\n\n```\nx\n\n  y\tz\n```"))
    assert found == "<p>a<br>b</p> <pre><code>x<br><br>  y    z</code></pre>"


@pytest.mark.parametrize(
    "text",
    ["$" * 40_000, "$1 " * 20_000, "\\(" * 20_000, "\\[\n\n" * 15_000, "$$\n\n" * 15_000 + "x", "<!-- " * 20_000,
     "<!--\n\n" * 15_000, "|" * 40_000, "| a |\n|---|\n" + "|x" * 20_000, "> " * 5_000 + "a", "[" * 10_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_hostile_texts_take_little_time(text: str) -> None:
    start = time.process_time()
    html.from_markdown(text)
    assert time.process_time() - start < 5

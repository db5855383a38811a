"""A demo as a page or a picture: whole, offline, and deaf to whatever its texts say."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.dom import minidom

import pytest

from studycli.model.trace import Claim, DemoResult, Origin, Step
from studycli.render import trace_html, trace_png, trace_svg

EVIL = "</script><script>alert(1)</script><img src=x onerror=y>$x^{$ \"q' &amp; [bold]\x1b[31m\u202e 注意 \ud800 {0}"


def result(text: str = "plain") -> DemoResult:
    pair = {"axes": ("query", "key"), "labels": {"query": (text, "b"), "key": (text, "b")}}
    return DemoResult(
        demo="d",
        title=text,
        inputs={"text": text, text: text},
        steps=(
            Step(name="tokens", shape=(2,), values=[text, "b"], note=text, axes=("token",)),
            Step(name=text + "!", shape=(2, 2), values=[["-inf", 1.5], [-0.25, 0.123456789]], note=text, **pair),
            Step(
                name="pattern",
                shape=(2, 2),
                values=[[0.5, 0.5], [1.0, 0.0]],
                note=text,
                compare="twin",
                origin=Origin(kind="softmax", of=(text + "!",), note=text),
                **pair,
            ),
            Step(name="twin", shape=(2, 2), values=[[8.0, 0.0], [0.0, 0.0]], note=text, **pair),
            Step(name="one", shape=(), values=3.5, note=text),
            Step(name="row", shape=(3,), values=[1.0, 2.0, 3.0], note=text, axes=("n",), labels={"n": (text,) * 3}),
            Step(name="mixed", shape=(1, 2), values=[[text, 1e6]], note=text, axes=("a", "b")),
            Step(name="none", shape=(0, 2), values=[], note=text, axes=("a", "b")),
            Step(name="deep", shape=(2, 2, 1, 1), values=[[[[1.0]], [[2.0]]]] * 2, note=text, preview=True,
                 axes=("layer", "kind", "query", "key"), labels={"kind": ("pre", text)}),
        ),
        claims=(
            Claim(name="c", statement=text, measured=text, holds=False),
            Claim(name="e", statement=text, measured=0.5, holds=True),
        ),
    )  # fmt: skip


class Page(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


@pytest.mark.parametrize("text", ["plain", EVIL])
def test_a_page_is_whole_and_loads_nothing(text: str) -> None:
    html = trace_html.draw(result(text)).decode("utf-8")
    page = Page(html)
    assert page.open == []
    names = [tag for tag, _ in page.tags]
    assert names.count("script") == 2 and "img" not in names and "link" not in names and "iframe" not in names
    assert not any(name in ("src", "onerror", "style") for _, attributes in page.tags for name in attributes)
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["#claims"]
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style and "http" not in html.replace("http-equiv", "")
    assert "default-src 'none'" in html
    assert "\x1b" not in html and "\u202e" not in html


def test_a_page_shows_numbers_without_its_script_and_gives_them_to_it() -> None:
    html = trace_html.draw(result()).decode("utf-8")
    page = Page(html)
    assert page.cells[:4] == ["-inf", "1.50", "-0.25", "0.12"]
    assert "Each row is the softmax of the row of plain!." in html
    assert "1 of 2 claims hold" in html and "FAILS" in html
    numbers: list[dict[str, Any]] = json.loads(re.search(r'id="numbers">(.*?)</script>', html, re.S)[1])
    assert numbers[1]["values"] == [["-inf", 1.5], [-0.25, 0.123457]]
    assert numbers[2]["origin"]["of"] == ["plain!"] and numbers[2]["labels"]["key"] == ["plain", "b"]
    leads = [attributes["data-lead"] for tag, attributes in page.tags if tag == "table"]
    assert leads[-4:] == ["0,0", "0,1", "1,0", "1,1"]


def test_the_numbers_of_a_page_name_steps_as_its_origins_do() -> None:
    html = trace_html.draw(result(EVIL)).decode("utf-8")
    numbers = json.loads(re.search(r'id="numbers">(.*?)</script>', html, re.S)[1])
    assert numbers[2]["origin"]["of"][0] in {step["name"] for step in numbers}
    assert "<" not in re.search(r'id="numbers">(.*?)</script>', html, re.S)[1]


def test_compared_steps_share_their_shades() -> None:
    tables = trace_html.draw(result()).decode("utf-8").split("<table")
    assert 'class="a4">8' in tables[3] and 'class="a4"' not in tables[2]


def test_large_steps_are_cut_and_say_so() -> None:
    big = result().model_copy(
        update={"steps": (Step(name="w", shape=(70, 130), values=[[1.0] * 130] * 70, note="Big."),)}
    )
    html = trace_html.draw(big).decode("utf-8")
    assert "the first 64 of 70 rows, the first 128 of 130 columns" in html and html.count("<td") == 64 * 128


@pytest.mark.parametrize("text", ["plain", EVIL])
def test_a_picture_of_the_terminal_loads_nothing(text: str) -> None:
    svg = trace_svg.draw(result(text)).decode("utf-8")
    document = minidom.parseString(svg)
    assert {node.tagName for node in document.getElementsByTagName("*")} <= {
        "svg", "style", "defs", "clipPath", "rect", "text", "g", "circle", "path"
    }  # fmt: skip
    assert "@font-face" not in svg and all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", svg))
    assert "\x1b" not in svg and "\u202e" not in svg
    shown = "".join(node.firstChild.data for node in document.getElementsByTagName("text") if node.firstChild)
    assert "FAILS" in shown and "pattern" in shown


@pytest.mark.parametrize("text", ["plain", EVIL])
def test_a_png(text: str) -> None:
    pytest.importorskip("matplotlib")
    data = trace_png.draw(result(text))
    assert data.startswith(b"\x89PNG") and int.from_bytes(data[16:20]) == 1200

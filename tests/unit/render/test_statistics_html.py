"""The page of statistics: well formed, alone in the world, and safe whatever a deck is called."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from studycli.model.statistics import Statistics
from studycli.render import statistics_html
from tests.study_statistics import EMPTY, HOSTILE, LARGE, SMALL

_VOID = {"meta", "br"}


class Page(HTMLParser):
    """Every tag with its attributes; raises where one is closed that is not open."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((self._open[-1] if self._open else "", data))

    def texts(self, tag: str) -> list[str]:
        return [words for inside, words in self.words if inside == tag]


@pytest.mark.parametrize("statistics", [EMPTY, SMALL, LARGE])
def test_the_page_is_well_formed_and_loads_nothing(statistics: Statistics) -> None:
    page = statistics_html.draw(statistics)
    parsed = Page(page)
    assert not {tag for tag, _ in parsed.tags} & {"script", "link", "img", "iframe", "form", "object", "embed"}
    assert not re.search(rb"(?i)https?:|url\(|@import|src=|href=|\son\w+=", page)
    assert ("default-src 'none'; style-src 'unsafe-inline'") in {fields.get("content") for _, fields in parsed.tags}


def test_hostile_names_are_text() -> None:
    page = statistics_html.draw(SMALL, [HOSTILE, "</title><script>"])
    parsed = Page(page)
    assert "script" not in {tag for tag, _ in parsed.tags}
    assert parsed.texts("h1") == [f"Study statistics of {_shown(HOSTILE)}, </title><script>"]
    assert _shown(HOSTILE) in parsed.texts("th")
    assert "\x1b" not in page.decode()


def test_every_day_of_the_year_is_a_square_with_its_words() -> None:
    parsed = Page(statistics_html.draw(SMALL))
    titles = parsed.texts("title")
    assert len([words for words in titles if re.fullmatch(r"\w{3} \d{4}-\d\d-\d\d: [\d,]+ answers?", words)]) == 365
    day = SMALL.days[-1]
    assert f"{day.day:%a} {day.day}: {day.answers:,} answer{'' if day.answers == 1 else 's'}" in titles


def test_what_is_drawn_is_in_a_table_too() -> None:
    parsed = Page(statistics_html.draw(SMALL))
    heads, cells = parsed.texts("th"), parsed.texts("td")
    for day in SMALL.days:
        assert str(day.day) in heads
    for due in SMALL.forecast:
        assert str(due.day) in heads
        assert f"{due.cards:,}" in cells
    assert all(f"{hour:02}:00" in heads for hour in range(24))
    drawings = [fields for tag, fields in parsed.tags if tag == "svg"]
    assert all(fields["role"] == "img" and fields["aria-label"] for fields in drawings)


def test_lone_surrogates_are_written() -> None:
    broken = SMALL.model_copy(update={"decks": (SMALL.decks[0].model_copy(update={"name": "a\ud800b"}),)})
    assert "a\N{REPLACEMENT CHARACTER}b" in statistics_html.draw(broken).decode()


def _shown(name: str) -> str:
    return re.sub("[\x1b\u202e]", "", name)

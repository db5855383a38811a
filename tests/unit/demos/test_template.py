"""Templates: where they stand in a text, what they mean, and that hostile text stays harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.demos.computed import template
from studycli.demos.computed.template import LONGEST, Template
from studycli.errors import UsageError


def parsed(text: str) -> list[Template]:
    return [template.parse(place) for place in template.places(text)]


def test_the_three_kinds() -> None:
    text = "A {{compute: n = integer(1, 9)}}, {{ compute : n }} and {{compute: entropy(p=n) to 3 decimals}}."
    drawn, again, computed = parsed(text)
    assert (drawn.name, drawn.draw is not None) == ("n", True)
    assert again == Template(name="n")
    assert computed == Template(call="entropy(p=n)", decimals=3)


def test_a_call_may_stand_on_several_lines() -> None:
    assert parsed("{{compute: entropy(\n  p=n\n)\n to 1 decimal}}") == [Template(call="entropy( p=n )", decimals=1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{compute: n", "not closed"),
        ("{{compute: n {{compute: n = integer(1, 2)}}", "not closed"),
        ("{{compute: " + "x" * LONGEST + "}}", "not closed"),
        ("{{compute: }}", "nothing to compute"),
        ("{{compute: 1 + 1}}", "nothing to compute"),
        ("{{compute: n = 3}}", "is no draw"),
        ("{{compute: n == 3}}", "nothing to compute"),
        ("{{compute: a b}}", "nothing to compute"),
    ],
)
def test_what_is_no_template_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        parsed(text)
    assert refused.value.hint


def test_filling_keeps_all_other_text_and_tells_what_failed() -> None:
    text = "{x} {{y}} | {{compute: a}} | {{compute: }} | {{compute: b}} | {{compute: open"
    filled = template.filled(text, lambda found: f"<{found.name}>")
    assert filled == (
        "{x} {{y}} | <a> | (not computed: '' is nothing to compute) | <b> | "
        "(not computed: a {{compute: …}} is not closed) open"
    )


def test_whatever_a_computation_raises_the_text_can_be_read() -> None:
    def fail(found: Template) -> str:
        raise ZeroDivisionError

    assert template.filled("a {{compute: n}} b", fail) == "a (not computed: ZeroDivisionError) b"


@given(st.text(alphabet="{}compute: =(),n1\n"))
def test_any_text_is_filled(text: str) -> None:
    filled = template.filled(text, lambda found: "!")
    if not template.is_in(text):
        assert filled == text


def test_places_are_found_in_one_pass() -> None:
    """A text of openings that never close is read once: quadratic reading would take minutes here."""
    openings = "{{compute:" * 50_000
    assert sum(place.inside is None for place in template.places(openings)) == 50_000
    spaces = "{{compute:" + " " * 380 + "}}"
    assert len(template.filled(spaces * 5_000, lambda found: "")) > 0

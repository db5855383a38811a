"""Echo: what a message says back of a text."""

from __future__ import annotations

import pytest

from studycli.demos import card_inputs, registry
from studycli.demos.echo import brief
from studycli.demos.parameter import Parameter, parse
from studycli.demos.quantities import stated
from studycli.errors import StudyError


def test_short_texts_stay_and_long_ones_are_cut() -> None:
    assert brief("a text") == "a text" and brief("two\n lines") == "two lines" and brief("") == ""
    assert brief("x" * 40) == "x" * 40 and brief("x" * 41) == "x" * 39 + "…"
    assert brief(" " * 500 + "x").endswith("…")


@pytest.mark.parametrize(
    "say",
    [
        registry.find,
        card_inputs.parse_field,
        lambda text: card_inputs.parse_field(f"kv-cache tokens={text}"),
        lambda text: card_inputs.parse_field(f"kv-cache {text}"),
        lambda text: card_inputs.parse_field(f"kv-cache seed={text}"),
        lambda text: parse("demo", (Parameter("n", 1, "how many"),), {"n": text}),
        lambda text: parse("demo", (Parameter("n", 1, "how many"),), {text: "1"}),
        stated.parse,
    ],
)
def test_no_message_says_a_long_text_back(say) -> None:
    with pytest.raises(StudyError) as caught:
        say("q" * 100_000)
    assert len(str(caught.value)) < 400

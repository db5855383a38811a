"""Parameters: what a text means for each kind, and what is refused."""

from __future__ import annotations

import pytest

from studycli.demos.catalogue import ALL
from studycli.demos.parameter import Parameter, parse
from studycli.errors import UsageError

WHOLE = Parameter("tokens", 16, "how many", 2, 32)
NUMBER = Parameter("temperature", 1.0, "divides", 0.05)
CHOICE = Parameter("kind", "relu", "which", choices=("relu", "gelu"))
FREE = Parameter("word", "cat", "a word")
ANY = Parameter("shift", 0.0, "how far")


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [(WHOLE, " 32 ", 32), (NUMBER, "2", 2.0), (NUMBER, "5e-2", 0.05), (CHOICE, "gelu", "gelu"), (FREE, "a b", "a b")],
)
def test_read(parameter: Parameter, text: str, value: object) -> None:
    read = parameter.read(text)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("parameter", "text", "allowed"),
    [
        (WHOLE, "33", "a whole number from 2 to 32"),
        (WHOLE, "1", "a whole number from 2 to 32"),
        (WHOLE, "2.5", "a whole number"),
        (WHOLE, "", "a whole number"),
        (WHOLE, "9" * 5000, "a whole number"),
        (NUMBER, "nan", "a number from 0.05 up"),
        (NUMBER, "inf", "a number from 0.05 up"),
        (ANY, "many", "a number: how far"),
        (CHOICE, "tanh", "one of relu, gelu"),
    ],
)
def test_what_it_may_not_be(parameter: Parameter, text: str, allowed: str) -> None:
    with pytest.raises(UsageError) as caught:
        parameter.read(text)
    assert caught.value.exit_code == 2 and allowed in str(caught.value.hint)


def test_defaults_and_unknown_names() -> None:
    assert parse("demo", (WHOLE, CHOICE), {"tokens": "3"}) == {"tokens": 3, "kind": "relu"}
    with pytest.raises(UsageError) as caught:
        parse("demo", (WHOLE, CHOICE), {"token": "3"})
    assert "did you mean tokens?" in str(caught.value.hint)
    with pytest.raises(UsageError) as caught:
        parse("demo", (), {"x": "3"})
    assert "leave it out" in str(caught.value.hint)


@pytest.mark.parametrize("parameter", [each for demo in ALL for each in demo.parameters])
def test_every_default_is_allowed(parameter: Parameter) -> None:
    assert parameter.read(str(parameter.default)) == parameter.default

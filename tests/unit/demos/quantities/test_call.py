"""Calls as decks write them: what they mean, what is refused and with which hint."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.demos.quantities import call
from studycli.demos.quantities.catalogue import QUANTITIES, find
from studycli.demos.quantities.quantity import Argument
from studycli.errors import StudyError, UsageError


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("attention-weights(scores=[2, 1, 0], d_k=4)", {"scores": [2, 1, 0], "d_k": 4, "scaled": True}),
        (" softmax ( scores = [ -1.5,2e-1 , +.5 ] ) ", {"scores": [-1.5, 0.2, 0.5], "temperature": 1}),
        ("softmax(scores=[−1, -inf], temperature=.5)", {"scores": [-1, -math.inf], "temperature": 0.5}),
        ("score-variance(d_k=4, scaled=YES)", {"d_k": 4, "scaled": True, "samples": 8192, "seed": 0}),
        ("training-flops(parameters=1_000, tokens=1e9)", {"parameters": 1000, "tokens": 1e9}),
        ("causal-pairs(tokens=1e3)", {"tokens": 1000}),
        ('byte-count(text="a, (b] = c")', {"text": "a, (b] = c"}),
        ("byte-count(text='a \"b\"')", {"text": 'a "b"'}),
        ("byte-count(text=it's a cat)", {"text": "it's a cat"}),
        ("norm-parameters(d_model=4, norm='rms')", {"d_model": 4, "norm": "rms"}),
    ],
)
def test_a_call_is_read(text: str, arguments: dict[str, Argument]) -> None:
    assert call.parse(text).arguments == arguments


def test_whole_numbers_stay_whole() -> None:
    arguments = call.parse("training-flops(parameters=1_000, tokens=9007199254740993)").arguments
    assert arguments["tokens"] == 9_007_199_254_740_993
    assert isinstance(call.parse("causal-pairs(tokens=1e3)").arguments["tokens"], int)


def test_names_stand_for_bound_values() -> None:
    bindings: dict[str, Argument] = {"row": [3, 1.5], "n": 16, "x": 2, "on": False, "kind": "window", "text": "a b"}
    read = {
        "attention-weights(scores=row, d_k=n, scaled=on)": {"scores": [3, 1.5], "d_k": 16, "scaled": False},
        "softmax(scores=[x, 0, x], temperature=x)": {"scores": [2, 0, 2], "temperature": 2},
        "sequential-steps(kind=kind, tokens=n)": {"kind": "window", "tokens": 16},
        "byte-count(text=text)": {"text": "a b"},
    }
    assert {text: call.parse(text, bindings).arguments for text in read} == read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("softmax(scores=word)", "scores is 'word', no row"),
        ("softmax(scores=half)", "scores is 'half', no row"),
        ("softmax(scores=[word])", "scores is 'two', no number"),
        ("causal-pairs(tokens=row)", "tokens is '[1, 2]', no number"),
        ("causal-pairs(tokens=half)", "tokens is 1.5, no whole number"),
        ("causal-pairs(tokens=on)", "tokens is 'True', no number"),
        ("sequential-steps(kind=word, tokens=1)", "kind is 'two'"),
        ("causal-pairs(tokens=other)", "tokens is 'other', no number"),
    ],
)
def test_bound_values_are_checked_as_written_ones_are(text: str, message: str) -> None:
    bindings: dict[str, Argument] = {"word": "two", "row": [1, 2], "half": 1.5, "on": True}
    with pytest.raises(UsageError) as refused:
        call.parse(text, bindings)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("kv_cache_bytes(a=1)", "no quantity 'kv_cache_bytes'", "kv-cache-bytes"),
        ("zzz(a=1)", "no quantity 'zzz'", "studycli claims --list"),
        ("softmax(score=[1])", "softmax: there is no argument 'score'", "did you mean scores?"),
        ("softmax(q=[1])", "no argument 'q'", "scores, temperature"),
        ("softmax()", "scores is missing", "any numbers"),
        ("softmax(temperature=2)", "scores is missing", "any numbers"),
        ("softmax([2, 1])", "'[2, 1]' names no argument", "scores, temperature"),
        ("softmax(scores=[1], scores=[2])", "scores is given twice", "once"),
        ("softmax(scores=[1],)", "names no argument", "scores"),
        ("softmax(scores=2)", "scores is '2', no row", "[2, 1, 0]"),
        ("softmax(scores=[])", "scores has 0 entries", "1 to 64"),
        (f"softmax(scores=[{'1, ' * 64}1])", "scores has 65 entries", "1 to 64"),
        ("softmax(scores=[1, two])", "scores is 'two', no number", "without commas"),
        ("softmax(scores=[1, nan])", "scores is 'nan'", ""),
        ("softmax(scores=[1, inf])", "scores is 'inf'", ""),
        ("softmax(scores=[1e7])", "scores is 10000000.0", "between"),
        ("entropy(probabilities=[-inf, 1])", "probabilities is '-inf'", ""),
        ("entropy(probabilities=[1.5])", "probabilities is 1.5", "between 0 and 1"),
        ("causal-pairs(tokens=2.5)", "tokens is 2.5, no whole number", "tokens=2"),
        ("causal-pairs(tokens=0)", "tokens is 0", "between 1 and"),
        ("causal-pairs(tokens=1e20)", "tokens is 1e+20", "between 1 and"),
        ("causal-pairs(tokens=four)", "tokens is 'four', no number", "tokens=4096"),
        ("causal-pairs(tokens=)", "tokens is ''", ""),
        ("causal-pairs(tokens=1__0)", "tokens is '1__0'", ""),
        ("causal-pairs(tokens=٣)", "tokens is '٣'", ""),
        ("score-variance(d_k=4, scaled=maybe)", "scaled is 'maybe'", "true or false"),
        ("parameters(preset=gpt3)", "preset is 'gpt3'", "gpt2"),
        (f"byte-count(text={'a' * 401})", "401 characters", "400"),
        ("softmax(scores=[1]", "never closes", "softmax(scores"),
        ("softmax(scores=[1]) and more", "'and more' follows", "softmax(scores"),
        ("softmax", "'softmax' calls no quantity", "softmax(scores"),
        ("", "calls no quantity", ""),
        ("(a=1)", "calls no quantity", ""),
        ("softmax(" + "(" * 3000, "3,008 characters", "2,000"),
    ],
)
def test_what_is_refused_is_told_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        call.parse(text)
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")
    assert len(refused.value.message) < 200


@given(st.text(st.sampled_from("softmax(scores=[1, 2])'\"-inf_e9 \n\x00٣"), max_size=60) | st.text(max_size=40))
def test_any_text_is_a_call_or_a_usage_error(text: str) -> None:
    for tried in (text, f"softmax({text})", f"softmax(scores={text})", f"byte-count(text={text})"):
        try:
            assert call.parse(tried).quantity is QUANTITIES[call.parse(tried).quantity.name]
        except UsageError:
            continue


@given(st.lists(st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6), min_size=1, max_size=64))
def test_a_row_is_read_as_it_is_written(row: list[float]) -> None:
    assert call.parse(f"softmax(scores={row})").arguments["scores"] == row


def test_every_quantity_is_described() -> None:
    for name, quantity in QUANTITIES.items():
        assert quantity.name == name
        assert find(name) is quantity
        assert quantity.summary
        assert quantity.summary[-1] != "."
        assert all(slot.meaning for slot in quantity.slots)
        assert len({slot.name for slot in quantity.slots}) == len(quantity.slots)


def test_defaults_are_values_that_could_be_given() -> None:
    for quantity in QUANTITIES.values():
        for slot in quantity.slots:
            if slot.default is not None and slot.kind in ("integer", "number"):
                assert isinstance(slot.default, int | float)
                assert slot.low <= slot.default <= slot.high
            assert not slot.choices or slot.default is None or slot.default in slot.choices


@pytest.mark.parametrize("text", ["power(base=1e9, exponent=1000)", "power(base=1000, exponent=9999)"])
def test_what_is_too_large_to_be_a_number_is_told(text: str) -> None:
    with pytest.raises(StudyError, match="power of these is no number"):
        call.parse(text).value()


def test_a_value_that_is_not_finite_is_told() -> None:
    with pytest.raises(UsageError, match="seconds of these is not finite"):
        find("seconds").compute(work=math.inf, per_second=1.0, utilization=1.0)


def test_reading_calls_needs_no_torch() -> None:
    code = """
import sys
from studycli.demos.quantities import call, stated
call.parse("softmax(scores=[1, 2])")
stated.parse("softmax(scores=[1, 2]) = [0.27, 0.73]")
print([name for name in ("torch", "numpy", "pydantic") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

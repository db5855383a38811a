"""Statements: which measured values a stated one allows, and how the measured one is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.demos.quantities import stated, units
from studycli.demos.quantities.quantity import Result
from studycli.errors import StudyError, UsageError


@pytest.mark.parametrize(
    ("value", "inside", "outside"),
    [
        ("124 million", (123.51e6, 124_439_808, 124.49e6), (123.49e6, 124.51e6)),
        ("4,096", (4096,), (4095, 4097)),
        ("4096", (4096, 4095.6), (4095.4,)),
        ("1,234,567", (1_234_567,), (1_234_566,)),
        ("2.15 GB", (2_147_483_648, 2.1451e9, 2.1549e9), (2.144e9, 2.156e9, 2.15)),
        ("2 GiB", (2 * 1024**3,), (1.4 * 1024**3,)),
        ("512 KiB", (524_288,), (512_000 - 500,)),
        ("12%", (0.115, 0.1249), (0.114, 0.126, 12)),
        ("66.7 %", (2 / 3,), (0.66,)),
        ("64x", (64, 64.4), (63,)),
        ("0.5", (0.45, 0.549, 0.55), (0.44, 0.56)),
        ("0.50", (0.4951, 0.505), (0.49, 0.51)),
        ("-1.5", (-1.54,), (1.5, -1.6)),
        ("−1.5", (-1.54,), (1.5,)),
        (".5", (0.5,), (0.6,)),
        ("0", (0, 0.4), (0.6, -1)),
        ("5.1e17", (5.14e17,), (5.2e17, 5.1)),
        ("5.1 × 10^17", (5.14e17,), (5.2e17,)),
        ("5.1 x 10^-3", (0.00514,), (0.0052,)),
        ("2E5", (2.4e5,), (2.6e5,)),
        ("3 k", (3400,), (3600,)),
        ("3k", (3400,), (3600,)),
        ("1.5 trillion", (1.54e12,), (1.4e12,)),
        ("90 minutes", (5400, 5429), (5431, 90)),
        ("2 hours", (7300,), (9100,)),
        ("1 day", (80_000,), (20_000,)),
        ("25 ms", (0.0252,), (0.026,)),
        ("3 s", (3.2,), (3.6,)),
    ],
)
def test_a_value_holds_for_what_rounds_to_its_digits(
    value: str, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    one = (units.parse(value),)
    assert all(stated.holds(measured, "=", one) for measured in inside)
    assert not any(stated.holds(measured, "=", one) for measured in outside)


@pytest.mark.parametrize(
    ("op", "inside", "outside"),
    [
        ("~", (90, 100, 110), (89.9, 110.1, -100)),
        ("<", (99.9, -1), (100, 101)),
        ("<=", (100, 100.00001, 99), (100.1,)),
        (">", (100.1,), (100, 99)),
        (">=", (100, 99.99999, 101), (99.9,)),
    ],
)
def test_an_operator_compares(op: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    one = (units.parse("100"),)
    assert all(stated.holds(measured, op, one) for measured in inside)
    assert not any(stated.holds(measured, op, one) for measured in outside)


def test_one_number_bounds_a_whole_row_and_equals_none() -> None:
    one = (units.parse("0.5"),)
    row = [0.5, 0.4]
    assert stated.holds(row, "<=", one)
    assert not stated.holds(row, "<", one)
    assert not any(stated.holds(same, op, one) for op in ("=", "~") for same in ([0.5, 0.5], []))


@pytest.mark.parametrize(
    ("text", "holds", "measured"),
    [
        ("attention-weights(scores=[2, 1, 0], d_k=4) = [0.51, 0.31, 0.19]", True, "[0.506, 0.307, 0.186]"),
        ("attention-weights(scores=[2, 1, 0], d_k=4) = [0.51, 0.31, 0.20]", False, "[0.506, 0.307, 0.186]"),
        ("attention-weights(scores=[2, 1, 0], d_k=4) = [0.51, 0.31]", False, "[0.506, 0.307, 0.186]"),
        ("attention-weights(scores=[2, 1, 0], d_k=4) = [51%, 31%, 19%]", True, "[50.6%, 30.7%, 18.6%]"),
        ("softmax-gradient(scores=[10, 0, 0]) < 0.0001", True, "[9.08 × 10^-5, 4.54 × 10^-5, 4.54 × 10^-5]"),
        ("softmax-gradient(scores=[1, 0, 0]) < 0.2", False, "[0.244, 0.167, 0.167]"),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096) = 2.15 GB", True, "2.147 GB"),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=1)=524288 bytes", True, "524,288 bytes"),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096) ≤ 2 GiB", True, "2 GiB"),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096) = 1 kB", False, "2,147,483.6 kB"),
        ("parameters(preset=gpt2) = 124 million", True, "124.4 million"),
        ("parameters(preset=gpt2) = 125 million parameters", False, "124.4 million parameters"),
        ("parameters(preset=gpt2) == 124,439,808", True, "124,439,808"),
        ("parameters(preset=gpt2) = 124,439,809", False, "124,439,808"),
        ("parameters(preset=gpt2) ≈ 120 million", True, "124.4 million"),
        ("training-flops(parameters=175e9, tokens=300e9) = 3.15 × 10^23 FLOPs", True, "3.15 × 10^23 FLOPs"),
        ("training-flops(parameters=175e9, tokens=300e9) = 3.0e23", False, "3.15 × 10^23"),
        ("seconds(work=1e15, per_second=1e12) = 17 minutes", True, "16.7 minutes"),
        ("feed-forward-share(d_model=512, d_ff=2048) = 67%", True, "66.7%"),
        ("compression(dimensions=768, slices=96) = 32x", True, "32x"),
        ("compression(dimensions=768, slices=96) >= 30x", True, "32x"),
        ("power(base=0.9, exponent=200) < 0.01", True, "7.06 × 10^-10"),
        ("path-length(kind=recurrent, tokens=100) > 50", True, "100"),
        ("mean(values=[1, 2]) = 1.5", True, "1.5"),
        ("training-flops(parameters=1, tokens=1) = 2e23", False, "6.00 × 10^0"),
        ("causal-pairs(tokens=1e9) < 1", False, "5.00 × 10^17"),
    ],
)  # fmt: skip
def test_a_statement_is_measured(text: str, holds: bool, measured: str) -> None:
    claim = stated.parse(text).measure()
    assert (claim.holds, claim.measured) == (holds, measured)
    assert claim.name == text


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        (
            "kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096) = 2.15 GB",
            "The bytes of the key/value cache (n_layers 32, n_kv_heads 32, d_head 128, tokens 4,096, bytes 2, batch 1) "
            "are 2.15 GB.",
        ),
        (
            "parameters(preset=gpt2) ≈ 120 million",
            "The number of parameters of a model (preset gpt2, part total) is about 120 million.",
        ),
        (
            "causal-pairs(tokens=4)   >=  10",
            "The number of query-key pairs that a causal mask leaves open (tokens 4) is at least 10.",
        ),
        (
            "softmax(scores=[1, 0.5, 0]) = [0.51, 0.31,  0.19]",
            "The softmax of a row of scores (scores [1, 0.5, 0], temperature 1) is [0.51, 0.31, 0.19].",
        ),
        (
            "softmax(scores=[1, 1]) < 0.6",
            "The softmax of a row of scores (scores [1, 1], temperature 1) is less than 0.6 in each place.",
        ),
        (
            "sinusoid(position=0, index=1, d_model=4) <= 1",
            "One number of a sinusoidal position encoding (position 0, index 1, d_model 4) is at most 1.",
        ),
        (
            "training-flops(parameters=175e9, tokens=3e11) > 1e23",
            "The floating-point operations of a training (parameters 175,000,000,000, tokens 300,000,000,000) are more "
            "than 1e23.",
        ),
        (
            'calculation(of="2 * a", a=1e-7) = 2e-7',
            'The result of a formula\'s arithmetic (of "2 * a", a 1e-07) is 2e-7.',
        ),
        (
            "window-pairs(tokens=8, window=0, causal=yes) = 8",
            "The number of query-key pairs that windowed attention leaves open (tokens 8, window 0, causal on) is 8.",
        ),
    ],
)
def test_the_statement_is_a_sentence_that_stands_alone(text: str, statement: str) -> None:
    claim = stated.parse(text).measure()
    assert claim.statement == statement
    assert claim.name == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("softmax(scores=[1])", "states no value", "2.15 GB"),
        ("softmax(scores=[1]) is 1", "states no value", "2.15 GB"),
        ("softmax(scores=[1]) = ", "'' is no value", "124 million"),
        ("softmax(scores=[1]) = one", "'one' is no value", ""),
        ("softmax(scores=[1]) = [1, ]", "'' is no value", ""),
        ("softmax(scores=[1]) = 1 furlong", "'furlong' is no unit", "GB"),
        ("softmax(scores=[1]) = 1e999", "no unit", ""),
        ("softmax(scores=[1]) = 1,00", "is no", ""),
        ("parameters() = 124 MB", "'MB' is no unit", "parameters"),
        ("parameters() = 12%", "'%' is no unit", "parameters"),
        ("causal-pairs(tokens=4) = 10 seconds", "'seconds' is no unit", "pairs"),
        ("seconds(work=1, per_second=1) = 1 GB", "'GB' is no unit", "seconds"),
        ("kv-cache-bytes(n_layers=1) = 1", "n_kv_heads is missing", "heads"),
        ("softmax(scores=[1] = [1]", "never closes", ""),
        (f"mean(values=[1]) = {'1' * 61}", "is no value", ""),
    ],
)
def test_what_states_nothing_is_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        stated.parse(text)
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("softmax(scores=[1, 1]) = 0.5", "softmax gives a row of numbers"),
        ("softmax(scores=[1, 1]) ~ 0.5", "softmax gives a row of numbers"),
        ("mean(values=[1, 1]) = [1]", "mean gives one number"),
        ("mean(values=[1, 1]) < [1]", "mean gives one number"),
        ("head-dimension(d_model=5, n_heads=2) = 2", "d_model 5 does not divide into 2 heads"),
    ],
)
def test_what_cannot_be_compared_is_told(text: str, message: str) -> None:
    with pytest.raises(StudyError) as refused:
        stated.parse(text).measure()
    assert message in refused.value.message


@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_a_number_holds_as_it_is_written_and_one_digit_off_does_not(number: int, decimals: int) -> None:
    value = number / 10**decimals
    one = (units.parse(f"{value:,.{decimals}f}"),)
    assert stated.holds(value, "=", one)
    assert not stated.holds(value + 1.1 * 10**-decimals, "=", one)
    assert not stated.holds(value - 1.1 * 10**-decimals, "=", one)


@given(st.floats(-1e15, 1e15), st.sampled_from(["0", "0.00", "1 million", "3 GB", "1e5", "5%", "2 hours"]))
def test_every_measured_value_can_be_shown(measured: float, written: str) -> None:
    one = units.parse(written)
    text = units.shown(measured, one)
    assert "e+" not in text and "e-" not in text
    assert text.endswith(one.unit)


@given(st.integers(1, 10**9), st.integers(1, 3))
def test_what_is_shown_holds_when_it_is_stated(measured: int, decimals: int) -> None:
    text = units.shown(measured, units.parse(f"1.{'0' * decimals} million"))
    assert stated.holds(measured, "=", (units.parse(text),))


@given(st.text(st.sampled_from("0123456789.,eE+-×x*10^() %kGBmillion"), max_size=20) | st.text(max_size=30))
def test_any_value_is_read_or_refused(text: str) -> None:
    for unit in ("", "bytes", "seconds", "parameters"):
        try:
            found = units.parse(text, unit)
        except UsageError:
            continue
        results: tuple[Result, ...] = (1, 0.5, -3)
        assert all(isinstance(stated.holds(result, op, [found]), bool) for result in results for op in ("=", "<", "~"))

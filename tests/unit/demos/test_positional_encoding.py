"""The demo `positional-encoding`: its tables by their formulas, its claims, and what makes them fail."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studycli.demos import position_tables, positional_encoding
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import run
from studycli.errors import UsageError

OF_TABLES = [
    "sinusoidal-first-row", "sinusoidal-exponent", "sinusoidal-dot-by-distance", "rotary-score-by-offset",
    "alibi-linear",
]  # fmt: skip
OF_ORDER = ["shuffle-without-positions", "shuffle-with-positions", "reverse-fools-symmetric-alibi"]


def demo(text: str = DEFAULT_TEXT, seed: int = 0):
    return run("positional-encoding", Inputs(text, "cpu", seed))


def test_tables_by_their_formulas(values) -> None:
    result = demo()
    at = np.arange(12)
    for pair in (0, 1, 31):
        angle = at / 10_000 ** (2 * pair / 64)
        np.testing.assert_allclose(values(result, "sinusoidal")[:, 2 * pair], np.sin(angle), atol=1e-6)
        np.testing.assert_allclose(values(result, "sinusoidal")[:, 2 * pair + 1], np.cos(angle), atol=1e-6)
    distance = np.abs(at[:, None] - at)
    for head, slope in enumerate((1 / 4, 1 / 16, 1 / 64, 1 / 256)):
        np.testing.assert_allclose(values(result, "alibi")[head], -slope * distance, atol=1e-7)
    rotary = values(result, "rotary")
    np.testing.assert_allclose(rotary[1:, 1:], rotary[:-1, :-1], atol=1e-6)
    assert np.abs(rotary[0] - rotary[0, 0]).max() > 0.1


def test_the_learned_table_is_the_models(values) -> None:
    from studycli.demos.models import load

    rows = load("extrapolation/learned-0", "cpu").model.state_dict()["decoder.W_pos"][:12].numpy()
    np.testing.assert_array_equal(values(demo(), "learned"), rows)


def test_dot_products_against_distance(values) -> None:
    result = demo()
    sines = values(result, "sinusoidal")
    for distance in (0, 1, 11):
        dots = [sines[i] @ sines[i + distance] for i in range(12 - distance)]
        assert values(result, "by distance")[0, distance] == pytest.approx(np.mean(dots), abs=1e-5)
    spread = values(result, "spread")
    assert spread[[0, 2, 3]].max() == 0 and spread[1].max() > 0.1
    np.testing.assert_allclose(values(result, "by distance")[3], -np.arange(12) / 4)


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "a b c", "word other " * 500, "a b b a c", "注意 हिन्दी 🦊"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_hold(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert [claim.name for claim in result.claims] == OF_TABLES + OF_ORDER
    assert [claim for claim in result.claims if not claim.holds] == []


@pytest.mark.parametrize("text", ["word", "word Word WORD word"])
def test_words_without_a_third_order_claim_nothing_of_shuffling(text: str) -> None:
    result = demo(text)
    assert [claim.name for claim in result.claims] == OF_TABLES
    assert all(claim.holds for claim in result.claims)
    assert result.steps[-1].name == "tokens"


@pytest.mark.parametrize(
    ("text", "claims", "steps"),
    [
        ("two words", OF_ORDER[2:], ["tokens", "reversed"]),
        ("a b b A", OF_ORDER[:2], ["tokens", "shuffled", "moved"]),
        ("a b c", OF_ORDER, ["tokens", "shuffled", "moved", "reversed"]),
    ],
)
def test_the_text_decides_which_orders_there_are(text: str, claims: list[str], steps: list[str]) -> None:
    result = demo(text)
    assert [claim.name for claim in result.claims] == OF_TABLES + claims
    assert [step.name for step in result.steps[7:]] == steps


def test_backwards_alibi_says_nothing_and_the_other_kinds_do(values) -> None:
    from studycli.demos.embedding import word_vectors
    from studycli.engine import MultiHeadAttention
    from studycli.engine.seed import generator

    moved = values(demo("one two three"), "reversed")
    assert moved[[0, 4]].max() < 1e-5 and moved[1:4].max(axis=1).min() > 0.01
    x, sines = word_vectors(["one", "two", "three"], 64, 0), torch.tensor(position_tables.sines_by_formula(1)[:3])
    layer = MultiHeadAttention(64, 4, generator=generator(0, "attn"))
    with torch.no_grad():
        before, after = layer(x + sines.float()), layer(x.flip(0) + sines.float())
    np.testing.assert_allclose(moved[1], (after.flip(0) - before).abs().amax(-1), atol=1e-5)


def test_t5_buckets(values) -> None:
    buckets = values(demo(), "T5 buckets")
    at = [0, 7, 8, 11, 12, 15, 16, 20]
    assert buckets[at, 0].tolist() == [0, 7, 8, 8, 9, 9, 10, 10]
    assert buckets[1:, 1].tolist() == (buckets[1:, 0] + 16).tolist()
    assert buckets[at, 2].tolist() == [0, 7, 8, 11, 12, 15, 16, 17]


def test_the_catalogue_names_the_claims() -> None:
    assert [*next(demo for demo in ALL if demo.name == "positional-encoding").claims] == OF_TABLES + OF_ORDER


def test_the_order_moves_distances() -> None:
    tokens = ["a", "b", "c", "d", "e"]
    for seed in range(20):
        order = positional_encoding._order(tokens, seed)
        assert order is not None and sorted(order) == [*range(5)]
        assert order not in ([*range(5)], [*range(4, -1, -1)])


def test_moved_is_the_same_word_in_both_orders(values) -> None:
    from studycli.demos.embedding import word_vectors
    from studycli.engine import MultiHeadAttention
    from studycli.engine.seed import generator

    tokens = ["one", "two", "three", "four", "five", "six"]
    order = positional_encoding._order(tokens, 0)
    assert order is not None and [*np.argsort(order)] != order  # or a wrong way back would be the right one
    layer = MultiHeadAttention(64, 4, generator=generator(0, "attn"))
    bias = torch.tensor(position_tables.alibi_by_formula()[:, :6, :6]).float()
    x = word_vectors(tokens, 64, 0)
    with torch.no_grad():
        before, after = layer(x, bias=bias), layer(x[order], bias=bias)
    expected = [(after[order.index(word)] - before[word]).abs().max().item() for word in range(6)]
    moved = values(demo(" ".join(tokens)), "moved")
    np.testing.assert_allclose(moved[4], expected, atol=1e-5)
    assert moved[0].max() < 1e-5


def test_a_wrong_number_makes_its_claim_fail() -> None:
    order = positional_encoding._order(["a", "b", "c", "d"], 0)
    numbers = positional_encoding._compute(Inputs(), ["a", "b", "c", "d"], order, torch.device("cpu"))
    numbers = {name: table.copy() for name, table in numbers.items()}
    assert all(claim.holds for claim in positional_encoding._table_claims(numbers))
    shifted = np.roll(numbers["sinusoidal"], 1, axis=0)
    steeper = numbers["alibi"] * 1.01
    one_off = numbers["rotary"].copy()
    one_off[2, 7] += 0.01
    worse = {
        "sinusoidal-first-row": {"sinusoidal": shifted},
        "sinusoidal-exponent": {"sinusoidal": position_tables.sines_by_formula(2)},
        "sinusoidal-dot-by-distance": {"sinusoidal": numbers["learned"]},
        "rotary-score-by-offset": {"rotary": one_off},
        "alibi-linear": {"alibi": steeper},
    }
    assert [*worse] == OF_TABLES
    for name, change in worse.items():
        found = {claim.name: claim for claim in positional_encoding._table_claims({**numbers, **change})}
        assert not found[name].holds, name
    of_other_kinds = {name: np.roll(numbers[name], 1, axis=0) for name in ("moved", "reversed")}
    assert [claim.holds for claim in positional_encoding._order_claims(of_other_kinds)] == [False] * 3
    assert [claim.holds for claim in positional_encoding._order_claims(numbers)] == [True] * 3
    for kind in (1, 2, 3):
        same = numbers["reversed"].copy()
        same[kind] = 0
        assert not positional_encoding._reverse_claim(same).holds


def test_an_edit_of_a_table_reaches_what_follows() -> None:
    result = run("positional-encoding", Inputs("a b c d", "cpu", edits=Edits([parse("alibi=0")])))
    held = {claim.name: claim.holds for claim in result.claims}
    assert not held["alibi-linear"] and not held["shuffle-with-positions"] and held["sinusoidal-exponent"]


def test_the_same_seed_gives_the_same_numbers() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first != demo(seed=1)


def test_bad_input() -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(" \x00 ")


def test_a_head_silenced_in_one_order_alone_breaks_the_equivariance() -> None:
    edits = Edits([parse("none.ordered.z[head=0]=0")])
    held = {claim.name: claim.holds for claim in run("positional-encoding", Inputs("a b c", "cpu", edits=edits)).claims}
    assert not held["shuffle-without-positions"] and held["shuffle-with-positions"]

"""Head scores: heads of one kind made by hand, padding, what is undefined, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from studycli.engine import Trace
from studycli.engine.head_scores import (
    diagonal,
    duplicate_token,
    entropy,
    first_token,
    induction,
    local,
    previous_token,
    scores,
)
from studycli.errors import EngineError
from tests.engine_models import PLAIN, build, ids

TEXT = torch.tensor([[5, 7, 9, 5, 7, 9, 5]])
SEQ = TEXT.shape[1]


def looks_at(*keys: int) -> Tensor:
    """The pattern of one head whose query i looks at keys[i] alone, (1, 1, query, key)."""
    return torch.eye(len(keys))[list(keys)][None, None]


# Queries 0 to 2 of a duplicate or induction head find nothing to look at, and rest on the first token.
PERFECT = {
    "previous_token": looks_at(0, 0, 1, 2, 3, 4, 5),
    "first_token": looks_at(0, 0, 0, 0, 0, 0, 0),
    "duplicate_token": looks_at(0, 0, 0, 0, 1, 2, 3),
    "induction": looks_at(0, 0, 0, 1, 2, 3, 4),
    "diagonal": looks_at(0, 1, 2, 3, 4, 5, 6),
}


@pytest.mark.parametrize("name", PERFECT)
def test_a_perfect_head_scores_one_in_its_own_kind_alone(name: str) -> None:
    found = {kind: float(score) for kind, score in scores(PERFECT[name], TEXT, reach=1).items()}
    assert found[name] == 1
    for other in set(PERFECT) - {name}:
        assert found[other] < 0.6
    assert found["local"] == pytest.approx(
        {"previous_token": 1, "diagonal": 1, "first_token": 2 / 7, "duplicate_token": 2 / 7, "induction": 2 / 7}[name]
    )


def test_heads_are_scored_apart_and_in_order() -> None:
    pattern = torch.cat(list(PERFECT.values()), dim=1)  # (1, 5, query, key)
    together = scores(pattern, TEXT)
    assert list(together) == [*PERFECT, "local"]
    for head, name in enumerate(PERFECT):
        assert together[name].shape == (5,) and together[name][head] == 1


def test_an_even_causal_head() -> None:
    pattern = torch.ones(SEQ, SEQ).tril() / torch.arange(1, SEQ + 1)[:, None]
    found = {name: float(score) for name, score in scores(pattern[None, None], TEXT, reach=2).items()}
    harmonic = sum(1 / i for i in range(1, SEQ + 1))
    assert found == pytest.approx(
        {
            "previous_token": (harmonic - 1) / (SEQ - 1),
            "first_token": (harmonic - 1) / (SEQ - 1),
            "duplicate_token": (1 / 4 + 1 / 5 + 1 / 6 + 2 / 7) / 4,
            "induction": (1 / 4 + 1 / 5 + 1 / 6 + 2 / 7) / 4,
            "diagonal": harmonic / SEQ,
            "local": (1 + 1 + 1 + 3 / 4 + 3 / 5 + 3 / 6 + 3 / 7) / 7,
        }
    )


def test_all_earlier_places_count_together() -> None:
    pattern = torch.zeros(1, 1, SEQ, SEQ)
    pattern[0, 0, 6] = torch.tensor([0.1, 0.2, 0, 0.3, 0.4, 0, 0])
    # The query 6 is one of four that repeat a token; 5 stands at 0 and 3 before it, and 7 after each.
    assert duplicate_token(pattern, TEXT).item() == pytest.approx((0.1 + 0.3) / 4)
    assert induction(pattern, TEXT).item() == pytest.approx((0.2 + 0.4) / 4)


def test_what_followed_a_token_may_be_the_query_itself() -> None:
    assert induction(looks_at(0, 1), torch.tensor([[4, 4]])).item() == 1
    assert duplicate_token(looks_at(0, 1), torch.tensor([[4, 4]])).item() == 0


def test_rows_of_a_batch_count_by_their_queries() -> None:
    """Two sequences: one repeats a token at once and is looked at, the other repeats three times and is not."""
    pattern = torch.cat((looks_at(0, 0, 0, 0), looks_at(0, 1, 2, 3)))  # (2, 1, 4, 4)
    text = torch.tensor([[3, 3, 1, 2], [6, 6, 6, 6]])
    assert duplicate_token(pattern, text).item() == 1 / 4
    assert previous_token(pattern).item() == pytest.approx(1 / 6)
    assert diagonal(pattern).item() == 5 / 8


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", [*PERFECT, "local"])
def test_padding_changes_nothing(side: str, name: str) -> None:
    """Padding holds tokens and weights of its own, and a real query may look at it; none of that counts."""
    real = torch.rand(1, 3, SEQ, SEQ, generator=torch.Generator().manual_seed(0))
    before, after = (2, 0) if side == "left" else (0, 2)
    padded = torch.nn.functional.pad(real, (before, after, before, after), value=0.25)
    text = torch.nn.functional.pad(TEXT, (before, after), value=5)
    keep = torch.nn.functional.pad(torch.ones_like(TEXT), (before, after))
    torch.testing.assert_close(scores(padded, text, keep=keep)[name], scores(real, TEXT)[name])
    torch.testing.assert_close(scores(padded, text, keep=keep.bool())[name], scores(real, TEXT)[name])
    assert not scores(padded, text)[name].allclose(scores(real, TEXT)[name])


def test_what_no_query_can_show_is_nan() -> None:
    pattern = looks_at(0, 1, 2).repeat(1, 2, 1, 1)  # (1, 2, 3, 3)
    found = scores(pattern, torch.tensor([[1, 2, 3]]))
    assert {name for name, score in found.items() if score.isnan().all()} == {"duplicate_token", "induction"}
    found = scores(looks_at(0), torch.tensor([[1]]))
    assert {name for name, score in found.items() if score.isfinite().all()} == {"diagonal", "local"}
    assert diagonal(pattern, torch.zeros(1, 3)).isnan().all()
    assert entropy(torch.zeros(1, 2, 3, 3)).isnan().all() and entropy(pattern, torch.zeros(1, 3)).isnan().all()


def test_local_at_any_reach() -> None:
    pattern = looks_at(0, 3, 3, 1)  # 0, 2, 1 and 2 places away
    assert [local(pattern, reach).item() for reach in range(4)] == [1 / 4, 2 / 4, 1, 1]


def test_entropy_in_nats() -> None:
    pattern = torch.tensor([[[[1.0, 0, 0, 0]], [[0.25] * 4], [[0.5, 0.5, 0, 0]]]])  # (1, 3, 1, 4)
    torch.testing.assert_close(entropy(pattern), torch.tensor([0, math.log(4), math.log(2)]))


def test_entropy_leaves_out_rows_that_look_nowhere_and_padding() -> None:
    pattern = torch.tensor([[[[0.5, 0.5], [0, 0]], [[0.5, 0.5], [1, 0]]]])  # (1, 2, 2, 2)
    torch.testing.assert_close(entropy(pattern), torch.tensor([math.log(2), math.log(2) / 2]))
    torch.testing.assert_close(entropy(pattern, torch.tensor([[1, 0]])), torch.tensor([math.log(2)] * 2))


def test_half_precision_is_summed_in_float32() -> None:
    pattern = torch.full((1, 1, 400, 400), 1 / 400, dtype=torch.bfloat16)
    weight = float(pattern[0, 0, 0, 0])
    text = torch.zeros(1, 400, dtype=torch.long)
    for name, score in scores(pattern, text, reach=400).items():
        assert score.dtype == torch.float32
        expected = {"duplicate_token": 200 * weight, "induction": 200 * weight, "local": 400 * weight}.get(name, weight)
        assert score.item() == pytest.approx(expected, rel=1e-5)
    assert entropy(pattern).item() == pytest.approx(-400 * weight * math.log(weight), rel=1e-5)


def test_a_recorded_pattern_of_a_model() -> None:
    trace = Trace()
    text = ids(2, 20)
    build(PLAIN)(text, trace=trace)
    pattern = trace["decoder.blocks.1.attn.pattern"]
    for score in scores(pattern, text).values():
        assert score.shape == (PLAIN.n_heads,) and score.gt(0).all() and score.lt(1).all()
    assert entropy(pattern).gt(0).all() and entropy(pattern).lt(math.log(20)).all()


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: previous_token(torch.ones(1, 1, 2, 3)), "2 queries look at 3 keys"),
        (lambda: diagonal(torch.ones(1, 2, 2)), r"the shape is \(1, 2, 2\)"),
        (lambda: entropy(torch.ones(2, 2)), r"the shape is \(2, 2\)"),
        (lambda: local(torch.ones(1, 1, 2, 2), -1), "a reach of -1"),
        (lambda: induction(torch.ones(1, 1, 2, 2), torch.ones(2)), r"ids: the shape is \(2,\)"),
        (lambda: induction(torch.ones(2, 1, 2, 2), torch.ones(1, 2)), r"ids: the shape is \(1, 2\)"),
        (lambda: first_token(torch.ones(1, 1, 2, 2), torch.ones(1, 3)), r"keep: the shape is \(1, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(run: Callable[[], Tensor], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        run()

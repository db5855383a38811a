"""The demo `rnn-vs-transformer`: its gradients and steps against torch's own RNN, and what makes its claims fail."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from studycli.demos import recurrence, rnn_vs_transformer
from studycli.demos.edits import Edits, parse
from studycli.demos.embedding import embed
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import find, run
from studycli.errors import UsageError

SHORT = [name for name in find("rnn-vs-transformer").claims if name != "rnn-gradient-vanishes"]


def demo(text: str = DEFAULT_TEXT, seed: int = 0, edits: Edits | None = None, **parameters: object):
    return run("rnn-vs-transformer", Inputs(text, "cpu", seed, parameters=parameters, edits=edits))


def measured(length: int = 20) -> dict[str, recurrence.Measured]:
    return recurrence.measure(embed([f"w{at}" for at in range(length)], 64, 0), Inputs(device="cpu"))[0]


def test_the_rnn_s_gradient_is_the_product_of_its_jacobians() -> None:
    """dh_n/dx_i = prod_(t > i) diag(1 - h_t^2) w_back · diag(1 - h_i^2) w_in, in numpy, in the drawn directions."""
    length = 12
    x = embed([f"w{at}" for at in range(length)], 64, 0).double()
    cell = recurrence._cell("RNN", 0, x)
    w_in, w_back, b_ih, b_hh = (weights.detach().numpy() for weights in cell.parameters())
    h, states = np.zeros(64), []
    for token in x.numpy():
        h = np.tanh(w_in @ token + b_ih + w_back @ h + b_hh)
        states.append(h)
    from studycli.engine.seed import generator

    drawn = torch.randn(8, 64, generator=generator(0, "directions")).double().numpy()
    back = drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)
    expected = []
    for h in reversed(states):
        back = back * (1 - h**2)
        expected.append(np.sqrt(((back @ w_in) ** 2).mean()))
        back = back @ w_back
    np.testing.assert_allclose(measured(length)["RNN"].gradient, expected[::-1], rtol=1e-6)


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_the_cells_run_as_torch_s_own_layers_do(kind: str) -> None:
    x = embed([f"w{at}" for at in range(9)], 64, 0)
    cell, layer = recurrence._cell(kind, 0, x), getattr(torch.nn, kind)(64, 64, batch_first=True)
    layer.load_state_dict({f"{name}_l0": weights for name, weights in cell.state_dict().items()})
    with torch.no_grad():
        torch.testing.assert_close(recurrence._recurrent(cell, x[None].unbind(1)), layer(x[None])[0][:, -1])


def test_steps_and_paths() -> None:
    short, long = measured(8), measured(16)
    assert (short["RNN"].steps, long["LSTM"].steps, long["attention"].steps) == (8, 16, 1)
    assert set(np.diff(long["RNN"].path)) == set(np.diff(short["RNN"].path)) and np.diff(long["RNN"].path).max() < 0
    np.testing.assert_array_equal(long["attention"].path[:8], short["attention"].path)


def test_distances_count_operations() -> None:
    x, y, z = (torch.ones(1, requires_grad=True) for _ in range(3))
    np.testing.assert_array_equal(recurrence.distances(((x * 2).exp() + y).exp(), [x, y, z]), [4, 2, np.inf])


@pytest.mark.parametrize("text", [DEFAULT_TEXT, "Softmax", "word " * 500, "a b c d e f g h i j"])
@pytest.mark.parametrize("seed", [0, 1])
def test_claims_hold_and_are_those_of_the_catalogue(text: str, seed: int) -> None:
    result = demo(text, seed)
    assert [claim for claim in result.claims if not claim.holds] == []
    assert tuple(claim.name for claim in result.claims) == find("rnn-vs-transformer").claims


@pytest.mark.parametrize("length", [4, 15])
def test_over_few_tokens_nothing_is_said_of_vanishing(length: int) -> None:
    result = demo(length=length)
    assert [claim.name for claim in result.claims] == SHORT and all(claim.holds for claim in result.claims)


def test_over_many_tokens_the_gradients_stay_numbers(values) -> None:
    gradient = values(demo(length=128), "gradient")
    assert gradient[0, 0] < -30 and np.isfinite(gradient).all()


def test_what_makes_claims_fail() -> None:
    found = measured()
    rnn, attention = found["RNN"], found["attention"]
    assert all(claim.holds for claim in rnn_vs_transformer._claims(found))
    worse = {
        "sequential-steps": {"attention": replace(attention, steps=20)},
        "path-length": {"attention": replace(attention, path=rnn.path)},
        "attention-gradient-reaches-all": {"attention": replace(attention, gradient=rnn.gradient)},
        "rnn-gradient-vanishes": {"RNN": replace(rnn, gradient=attention.gradient)},
    }
    for name, change in worse.items():
        failed = [claim.name for claim in rnn_vs_transformer._claims({**found, **change}) if not claim.holds]
        assert failed == [name]
    (cost,) = rnn_vs_transformer._cost_claims({4: (1, 1), 8: (2, 2), 16: (4, 4)})
    assert not cost.holds


def test_operations_are_counted(values) -> None:
    np.testing.assert_allclose(
        values(demo(), "operations"), [[131.072, 65.536], [262.144, 262.144], [524.288, 1048.576]]
    )


def test_edits_reach_the_attention() -> None:
    assert [step.name for step in demo(edits=Edits([parse("pattern[head=0]=0")])).steps]
    whole = demo(edits=Edits([parse("out=0")]))  # nothing comes through any more
    assert not {claim.name: claim.holds for claim in whole.claims}["attention-gradient-reaches-all"]


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no words"):
        demo(text)


def test_the_same_seed_gives_the_same_numbers_whatever_the_global_state() -> None:
    torch.manual_seed(1)
    first = demo()
    torch.manual_seed(2)
    assert demo() == first
    assert demo(seed=1) != first
    json.dumps(first.model_dump(mode="json"), allow_nan=False)

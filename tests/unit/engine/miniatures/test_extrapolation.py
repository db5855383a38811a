"""extrapolation: text equally hard at every length, four models that differ in position alone, honest metrics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import echoes, extrapolation
from studycli.engine.miniatures.extrapolation import FACTORS, LENGTH, POSITIONS, RECIPE, SCORED, Reading, config
from studycli.engine.miniatures.recipe import Training
from studycli.engine.model import Transformer
from studycli.errors import EngineError, UsageError

BEYOND = FACTORS[1:]


# The text


def test_all_that_matters_lies_within_the_context_of_the_shortest_text() -> None:
    assert echoes.REACH <= LENGTH - SCORED


def test_entropy_is_the_same_at_every_length_and_place() -> None:
    long = extrapolation.held_out(192).surprisal  # (rows, 512)
    rate = float(long.mean())
    for factor in FACTORS:
        assert float(long[:, -round(LENGTH * factor) :].mean()) == pytest.approx(rate, abs=0.05)
    for part in long.chunk(4, 1):
        assert float(part.mean()) == pytest.approx(rate, abs=0.05)


@pytest.mark.parametrize("seed", extrapolation.SEEDS)
def test_no_held_out_text_stands_in_what_a_model_is_trained_on(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = extrapolation.corpus(seed)
    monkeypatch.setattr(extrapolation, "corpus", {seed: corpus}.__getitem__)  # spares making it twice
    seen = set(pieces(corpus.ids))
    assert {piece for row in next(extrapolation.batches(seed))["input_ids"] for piece in pieces(row)} <= seen
    assert not any(piece in seen for row in extrapolation.held_out().ids for piece in pieces(row))


def pieces(row: Tensor) -> Iterator[bytes]:
    """Each run of ids (seq) that is as long as a text in training."""
    ids = bytes(row.tolist())
    return (ids[start : start + LENGTH] for start in range(len(ids) - LENGTH + 1))


# The four models


@pytest.fixture(scope="module")
def trainings() -> Mapping[str, tuple[Transformer, list[Tensor], Mapping[str, Any]]]:
    """For each checkpoint the model as it would begin to train, its first batches, and the settings."""
    seen: dict[str, tuple[Transformer, list[Tensor], Mapping[str, Any]]] = {}

    class Watched(Training):
        __slots__ = ()

        def run(self, model: Transformer, batches: Iterator[Mapping[str, Tensor]], loss: Any, **settings: Any) -> Any:
            first = [batch["input_ids"] for batch in islice(batches, 3)]
            seen[self.checkpoint] = model, first, {"loss": loss} | settings
            return model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extrapolation, "_CORPUS", 5000)
        for checkpoint in RECIPE.checkpoints:
            RECIPE.train(Watched(checkpoint, RECIPE.seed, torch.device("cpu"), lambda progress: None))
    return seen


def test_there_are_four_positions_from_two_seeds() -> None:
    assert len(RECIPE.checkpoints) == len(POSITIONS) * len(extrapolation.SEEDS) == 8


def test_models_of_a_seed_differ_in_nothing_but_position(trainings: Mapping[str, Any]) -> None:
    for seed in extrapolation.SEEDS:
        models = {position: trainings[f"extrapolation/{position}-{seed}"][0] for position in POSITIONS}
        weights = {position: dict(model.named_parameters()) for position, model in models.items()}
        for position in POSITIONS:
            assert models[position].config == replace(models["rotary"].config, position=position)
            own = weights[position].keys() - weights["rotary"].keys()
            assert own == ({"decoder.W_pos"} if position == "learned" else set())
            for name, values in weights["rotary"].items():
                assert torch.equal(weights[position][name], values), name


def test_models_of_a_seed_see_the_same_batches_in_the_same_order(trainings: Mapping[str, Any]) -> None:
    of_seed = {seed: trainings[f"extrapolation/rotary-{seed}"] for seed in extrapolation.SEEDS}
    for seed, (_, expected, settings) in of_seed.items():
        assert expected[0].shape[1] == LENGTH
        assert not torch.equal(expected[0], expected[1])
        for position in POSITIONS:
            _, found, others = trainings[f"extrapolation/{position}-{seed}"]
            assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))
            assert {k: v for k, v in others.items() if k != "scores"} == {
                k: v for k, v in settings.items() if k != "scores"
            }
    assert not torch.equal(of_seed[0][1][0], of_seed[1][1][0])
    assert not torch.equal(of_seed[0][0].W_E, of_seed[1][0].W_E)


def test_scores_for_the_sparkline_are_shares(trainings: Mapping[str, Any]) -> None:
    model, _, settings = trainings["extrapolation/alibi-0"]
    with torch.inference_mode():
        scores = settings["scores"](model)
    assert scores.keys() == {"accuracy", "copying", "previous_token"}
    assert all(0 <= score <= 1 for score in scores.values())


# The metrics


class Toy(Transformer):
    """A model whose logits are given by a function of the ids, at any length."""

    def __init__(self, logits: Any) -> None:
        super().__init__(config("alibi"))
        self.logits = logits

    def forward(self, input_ids: Tensor, **settings: Any) -> Tensor:
        given: Tensor = self.logits(input_ids)
        return given


def uniform(ids: Tensor) -> Tensor:
    return torch.zeros(*ids.shape, len(echoes.WORDS))


def oracle(ids: Tensor) -> Tensor:
    """All on the word that follows."""
    return torch.nn.functional.one_hot(ids.roll(-1, 1), len(echoes.WORDS)).float() * 1e4


def loaded(**models: Transformer) -> Mapping[str, Loaded]:
    names = {f"extrapolation/{name.replace('_', '-')}": model for name, model in models.items()}
    return {name: Loaded(model, None, name) for name, model in names.items()}


@torch.inference_mode()
def test_readings_of_one_that_knows_nothing_and_one_that_knows_all() -> None:
    text = extrapolation.held_out(4).last(LENGTH)
    nothing, everything = (extrapolation.reading(Toy(logits), text) for logits in (uniform, oracle))
    assert nothing is not None
    assert nothing.loss == pytest.approx(math.log(len(echoes.WORDS)))
    assert nothing.loss_all == pytest.approx(math.log(len(echoes.WORDS)))
    assert nothing.copying == 0
    assert everything == Reading(0, 0, 1)


def test_the_scored_words_are_the_same_at_every_length() -> None:
    """So one that knows no more than a word's id has the same loss at each; over all words it has not."""
    by_id = torch.arange(len(echoes.WORDS)).float().expand(1, 1, -1)
    model = Toy(lambda ids: by_id.expand(*ids.shape, -1))
    curve = extrapolation.readings(loaded(rotary_0=model), rows=4)["rotary"]
    found = [each for seeds in curve.values() for each in seeds if each is not None]
    assert len(found) == len(FACTORS)
    assert [each.loss for each in found] == pytest.approx([found[0].loss] * len(FACTORS))
    assert len({round(each.loss_all, 4) for each in found}) == len(FACTORS)


def test_what_happens_at_the_end_alone_is_what_the_loss_is_of() -> None:
    def spoilt(ids: Tensor) -> Tensor:
        logits = oracle(ids)
        logits[:, : -SCORED - 1] = 0  # the last 32 words are foretold at the 33rd last place and on
        return logits

    found = extrapolation.reading(Toy(spoilt), extrapolation.held_out(2).last(2 * LENGTH))
    assert found is not None
    assert found.loss == 0
    assert found.loss_all == pytest.approx(math.log(len(echoes.WORDS)) * (127 - SCORED) / 127)


def test_losses_by_length_give_a_curve_for_each_position_with_its_seeds() -> None:
    some = loaded(learned_0=Transformer(config("learned")), alibi_0=Toy(uniform), alibi_1=Toy(oracle))
    curves = extrapolation.losses_by_length(some, (1, 2), rows=2)
    assert list(curves) == ["learned", "alibi"]
    for ignorant, knowing in curves["alibi"].values():
        assert ignorant == pytest.approx(math.log(len(echoes.WORDS)))
        assert knowing == 0
    (within,), beyond = curves["learned"][1], curves["learned"][2]
    assert within is not None
    assert beyond == (None,)


@pytest.mark.parametrize("factor", [0.1, 0.5, 8.1, math.nan])
def test_a_factor_that_cannot_be_read_gives_those_that_can(factor: float) -> None:
    one = loaded(alibi_0=Toy(uniform))
    with pytest.raises(UsageError) as caught:
        extrapolation.losses_by_length(one, (1, factor), rows=1)
    assert "from 0.515625 to 8" in str(caught.value.hint)
    assert extrapolation.losses_by_length(one, (extrapolation.LOWEST,), rows=1)


def test_metrics_are_means_and_spreads_over_seeds_where_every_seed_can_read() -> None:
    curves = {
        "rotary": {1.5: (Reading(1, 2, 0.5), Reading(4, 3, 0.75))},
        "learned": {8.0: (None, Reading(1, 1, 1))},
    }
    assert extrapolation.metrics_of(curves) == {
        "rotary_loss_1_5x": 2.5,
        "rotary_spread_1_5x": 3,
        "rotary_loss_all_1_5x": 2.5,
        "rotary_copying_1_5x": 0.625,
    }


def test_learned_refuses_every_text_beyond_its_table_and_no_other() -> None:
    models = [Transformer(config("learned"), seed=seed) for seed in extrapolation.SEEDS]
    expected = {"1x": 0.0} | {extrapolation.spelled(factor): 1.0 for factor in BEYOND}
    assert extrapolation.refusals(models) == expected
    with pytest.raises(EngineError, match="position 64 is beyond the end of the learned table, which has 64 rows"):
        models[0](torch.zeros(1, LENGTH + 1, dtype=torch.long))


@pytest.mark.parametrize("position", POSITIONS[1:])
def test_the_others_read_any_length(position: Any) -> None:
    refused = extrapolation.refusals([Transformer(config(position))], (1.5, 8))
    assert refused == {"1_5x": 0.0, "8x": 0.0}


def test_another_error_is_no_refusal() -> None:
    few = Transformer(replace(config("learned"), vocab_size=8))
    with pytest.raises(EngineError, match="out of range"):
        extrapolation.reading(few, extrapolation.held_out(1).last(2 * LENGTH))


def test_baselines_lie_as_far_apart_as_order_is_worth() -> None:
    found = extrapolation.baselines()
    assert found["entropy"] == pytest.approx(float(extrapolation.held_out().surprisal[:, -SCORED:].mean()))
    assert 1 < found["entropy"] < 1.15
    assert 3.2 < found["unigram"] < math.log(len(echoes.WORDS))


@pytest.fixture(scope="module")
def untrained() -> Mapping[str, float]:
    """The metrics of models that have learned nothing, of short and long texts."""
    names = [(position, seed) for position in POSITIONS for seed in extrapolation.SEEDS]
    models = {f"{position}_{seed}": Transformer(config(position), seed=seed) for position, seed in names}
    readings = extrapolation.readings
    with torch.inference_mode(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(extrapolation, "readings", lambda of: readings(of, (1.0, 2.0, 8.0), 1))
        return RECIPE.measurements[0].measure(loaded(**models))


def test_every_gate_is_of_a_metric_that_is_measured(untrained: Mapping[str, float]) -> None:
    assert {gate.metric for gate in RECIPE.gates} <= untrained.keys()
    assert untrained["learned_fails_8x"] == 1
    worst = max(untrained[f"{position}_loss_1x"] for position in POSITIONS)
    assert untrained["unigram_minus_worst_loss_1x"] == pytest.approx(untrained["unigram"] - worst)
    assert "learned_loss_8x" not in untrained


def test_models_that_learned_nothing_pass_no_gate_but_that_of_the_table(untrained: Mapping[str, float]) -> None:
    passed = [gate.metric for gate in RECIPE.gates if untrained[gate.metric] > gate.above]
    assert passed == ["learned_fails_8x"]


def test_what_is_gated_is_how_losses_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = {"learned": (1, 3, 3), "sinusoidal": (1, 2.75, 3), "rotary": (1, 2, 2.5), "alibi": (1, 1, 1.25)}
    curves = {
        position: {factor: (Reading(loss, 0, 0),) for factor, loss in zip((1.0, 2.0, 8.0), each, strict=True)}
        for position, each in losses.items()
    }
    monkeypatch.setattr(extrapolation, "readings", lambda _: curves)
    monkeypatch.setattr(extrapolation, "baselines", lambda: {"unigram": 3.25, "entropy": 0.75})
    metrics = RECIPE.measurements[0].measure(loaded(learned_0=Transformer(config("learned"))))
    assert metrics["sinusoidal_rise_2x"] == 1.75
    assert metrics["alibi_rise_8x"] == 0.25
    assert metrics["alibi_kept_8x"] == 0.8
    assert metrics["alibi_advantage_8x"] == 1.25

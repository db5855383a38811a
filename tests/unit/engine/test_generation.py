"""generate(): greedy, drawn and beam-searched tokens, with and without the cache, and where it stops."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
import torch

from studycli.engine import Config, Transformer, generate
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER, ENCODER_DECODERS, PLAIN, build, ids

MODELS = {**{f"decoder-{name}": config for name, config in DECODERS.items()}, **ENCODER_DECODERS}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 1.0, "seed": 3},
        {"num_beams": 3},
        {"num_beams": 4, "length_penalty": 0.2, "stop": (3, 7)},
    ],
)
def test_the_cache_changes_no_token(name: str, options: dict) -> None:
    model = build(MODELS[name])
    prompt = ids(2, 5)
    cached = generate(model, prompt, 12, **options)
    assert cached.equal(generate(model, prompt, 12, use_cache=False, **options))
    start = prompt if model.encoder is None else torch.full((2, 1), 1)
    assert cached[:, : start.shape[1]].equal(start) and cached.shape[1] > start.shape[1]


def test_greedy_takes_the_likeliest_token_each_time() -> None:
    model = build(PLAIN)
    out = generate(model, ids(2, 4), 6)
    assert out.shape == (2, 10)
    for i in range(4, 10):
        assert out[:, i].equal(model(out[:, :i])[:, -1].argmax(-1))


def test_no_new_tokens_are_none() -> None:
    assert generate(build(PLAIN), ids(1, 4), 0).equal(ids(1, 4))
    assert generate(build(PLAIN), ids(1, 4), 0, num_beams=2).equal(ids(1, 4))


def test_a_seed_decides_and_so_does_none() -> None:
    model = build(PLAIN)
    options = {"max_new_tokens": 20, "temperature": 2.0}
    first = generate(model, ids(1, 4), seed=1, **options)
    assert first.equal(generate(model, ids(1, 4), seed=1, **options))
    assert not first.equal(generate(model, ids(1, 4), seed=2, **options))
    assert not generate(model, ids(1, 4), **options).equal(generate(model, ids(1, 4), **options))


def test_top_k_1_is_greedy() -> None:
    model = build(PLAIN)
    assert generate(model, ids(3, 4), 9, temperature=1.0, top_k=1, seed=0).equal(generate(model, ids(3, 4), 9))


def test_a_row_ends_after_a_stop_token() -> None:
    model = build(PLAIN)
    prompt = ids(3, 4)
    free = generate(model, prompt, 10)
    stop = (int(free[0, 6]),)
    stopped = generate(model, prompt, 10, stop=stop)
    for row, whole in zip(stopped[:, 4:].tolist(), free[:, 4:].tolist(), strict=True):
        end = whole.index(stop[0]) + 1 if stop[0] in whole else len(whole)
        assert row[:end] == whole[:end]
        assert set(row[end:]) <= {stop[0]}
    longest = max(r.index(stop[0]) + 1 if stop[0] in r else 10 for r in free[:, 4:].tolist())
    assert stopped.shape[1] == 4 + longest


def test_prompts_of_different_lengths_are_padded_on_the_left() -> None:
    for name in ("learned", "rotary", "alibi", "relative", "experts"):
        model = build(DECODERS[name], dtype=torch.float64)
        long, short = ids(1, 7), ids(1, 4, seed=5)
        padded = torch.cat((long, torch.cat((ids(1, 3, seed=9), short), dim=1)))
        mask = torch.tensor([[1] * 7, [0] * 3 + [1] * 4])
        for options in ({}, {"num_beams": 3}):
            out = generate(model, padded, 8, attention_mask=mask, **options)
            assert out[0, 7:].equal(generate(model, long, 8, **options)[0, 7:])
            assert out[1, 7:].equal(generate(model, short, 8, **options)[0, 4:])


@torch.no_grad()
def best_of_all(model: Transformer, prompt: torch.Tensor, n: int, stop: tuple[int, ...], penalty: float) -> list[int]:
    """Every sequence there can be, scored by full passes."""
    every = torch.tensor(list(product(range(model.config.vocab_size), repeat=n)))  # (sequences, n)
    x = torch.cat((prompt.expand(len(every), -1), every), dim=1)  # (sequences, prompt + n)
    logits = model(x)[:, prompt.shape[1] - 1 : -1].double().log_softmax(-1)  # (sequences, n, vocab)
    each = logits.gather(-1, every[..., None])[..., 0].cumsum(-1)  # (sequences, n)
    scored: dict[tuple[int, ...], float] = {}
    for tokens, totals in zip(every.tolist(), each.tolist(), strict=True):
        length = next((i for i, token in enumerate(tokens, start=1) if token in stop), n)
        scored[tuple(tokens[:length])] = totals[length - 1] / length**penalty
    return list(max(scored, key=lambda sequence: scored[sequence]))


@pytest.mark.parametrize("penalty", [-0.5, 0.0, 1.0, 2.0])
@pytest.mark.parametrize("stop", [(), (2,), (0, 4)])
def test_a_beam_wide_enough_finds_the_best_of_all_sequences(stop: tuple[int, ...], penalty: float) -> None:
    config = replace(PLAIN, vocab_size=5)
    narrow = 0
    for seed in range(8):
        model = build(config, seed=seed, spread=0.15)
        prompt = torch.tensor([[1, 3, 0]])
        found = generate(model, prompt, 4, num_beams=5**4, stop=stop, length_penalty=penalty)
        best = best_of_all(model, prompt, 4, stop, penalty)
        assert found[0, 3:].tolist() == best
        narrow += generate(model, prompt, 4, stop=stop)[0, 3:].tolist() == best
    assert narrow < 8  # else greedy would pass this test as well


def test_rows_of_beams_end_where_they_end() -> None:
    model = build(CROSS)
    out = generate(model, ids(4, 5), 9, num_beams=3, stop=(2, 5, 8))
    for row in out.tolist():
        ends = [i for i, token in enumerate(row[1:], start=1) if token in (2, 5, 8)]
        if ends:
            assert set(row[ends[0] :]) == {row[ends[0]]}


@pytest.mark.parametrize("options", [{}, {"temperature": 1.0}, {"temperature": 1.0, "top_p": 0.5}, {"num_beams": 2}])
def test_logits_that_are_not_finite_are_an_error(options: dict) -> None:
    model = build(PLAIN)
    with torch.no_grad():
        model.decoder.blocks[1].ffn.W_out[3, 4] = torch.nan
    with pytest.raises(EngineError, match="the logits are not finite"):
        generate(model, ids(1, 4), 5, **options)


def test_each_token_is_told_as_it_comes() -> None:
    told: list[torch.Tensor] = []
    out = generate(build(PLAIN), ids(2, 4), 5, on_token=told.append)
    assert torch.cat(told, dim=1).equal(out[:, 4:])


def test_generated_ids_can_be_trained_on() -> None:
    model = build(PLAIN)
    out = generate(model, ids(1, 4), 3)
    model(out).sum().backward()
    assert model.W_E.grad is not None


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        (ENCODER, {}, "an encoder cannot generate"),
        (PLAIN, {"max_new_tokens": -1}, "max_new_tokens is -1"),
        (PLAIN, {"num_beams": 0}, "num_beams is 0"),
        (PLAIN, {"num_beams": 2, "temperature": 1.0}, "beam search draws nothing"),
        (PLAIN, {"temperature": -0.1}, "the temperature is -0.1"),
        (PLAIN, {"top_p": 2.0}, "top_p is 2.0"),
        (PLAIN, {"seed": -1, "temperature": 1.0}, "the seed is -1"),
        (PLAIN, {"seed": 2**70, "temperature": 1.0}, "the seed is 1180591620717411303424"),
        (PLAIN, {"num_beams": 2, "length_penalty": 1e4}, "the length penalty is 10000.0"),
        (PLAIN, {"num_beams": 2, "length_penalty": float("nan")}, "the length penalty is nan"),
        (PLAIN, {"stop": 4}, "stop is 4"),
        (PLAIN, {"stop": (23,)}, "the stop token 23 is out of range"),
        (PLAIN, {"max_new_tokens": 46}, "4 tokens and 46 new ones are more than the 48 positions .*at most 45 new"),
        (PLAIN, {"attention_mask": torch.tensor([[1, 1, 1, 0]])}, "a prompt ends in padding"),
        (PLAIN, {"attention_mask": torch.ones(1, 3)}, "the mask is"),
    ],
)
def test_what_makes_no_sense_is_refused(config: Config, options: dict, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        generate(build(config), ids(1, 4), **{"max_new_tokens": 5, **options})


def test_the_table_may_be_filled_to_its_end() -> None:
    assert generate(build(PLAIN), ids(1, 4), 45).shape == (1, 49)


def test_an_encoder_decoder_without_a_start_token_says_so() -> None:
    with pytest.raises(EngineError, match="no start token"):
        generate(build(replace(CROSS, start_id=None)), ids(1, 4))

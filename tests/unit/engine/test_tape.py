"""Tapes: a replayed step gives the very numbers of the layers, and is not used where it would not."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch.nn.utils import parametrize

from studycli.engine import Transformer, generate
from studycli.engine import reader as reader_module
from studycli.engine.reader import Reader
from studycli.engine.tape import Step, Tape, recordable, recorded
from tests.engine_models import CROSS, DECODERS, PLAIN, build, ids

RECORDABLE = {name: config for name, config in DECODERS.items() if config.attention == "full" and not config.n_experts}


def replayed(model: Transformer) -> list[Tape]:
    from studycli.engine.tape import _TAPES

    tapes = _TAPES[model][1].values() if model in _TAPES else ()
    return [tape for tape in tapes if tape.prepare is not None]


@pytest.fixture
def without_tapes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(reader_module, "recordable", lambda model: False)


@pytest.mark.parametrize("name", RECORDABLE)
@torch.inference_mode()
def test_every_replayed_number_is_that_of_the_layers(name: str) -> None:
    model = build(RECORDABLE[name])
    x = ids(2, 20)
    taped, plain = Reader(model, 2, 20, True), Reader(model, 2, 20, True)
    plain._tapes = False
    for i, piece in enumerate(x.split([4, *[1] * 16], dim=1)):
        assert taped.read(piece).equal(plain.read(piece)), i
    assert len(replayed(model)) == 1
    assert all(a.equal(b) for a, b in zip(taped._cache.keys, plain._cache.keys, strict=True))


def test_an_encoder_decoder_with_padding_is_replayed(without_tapes: Callable[[], None]) -> None:
    model = build(CROSS)
    prompts = [ids(2, 6), ids(2, 6, seed=1)]
    mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
    taped = [generate(model, prompt, 12, attention_mask=mask) for prompt in prompts]
    assert len(replayed(model)) == 1
    without_tapes()
    assert all(
        a.equal(generate(model, prompt, 12, attention_mask=mask)) for a, prompt in zip(taped, prompts, strict=True)
    )


def test_a_tape_serves_prompts_of_every_length(without_tapes: Callable[[], None]) -> None:
    model = build(PLAIN)
    lengths = (3, 9, 1, 15)
    taped = [generate(model, ids(1, n, seed=n), 10 + n) for n in lengths]
    assert len(replayed(model)) == 1
    without_tapes()
    assert all(a.equal(generate(model, ids(1, n, seed=n), 10 + n)) for a, n in zip(taped, lengths, strict=True))


def test_weights_that_change_in_place_change_what_is_replayed() -> None:
    model = build(PLAIN)
    before = generate(model, ids(1, 5), 12)
    assert replayed(model)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(-1.3)
    after = generate(model, ids(1, 5), 12)
    assert not after.equal(before)
    assert after.equal(generate(model, ids(1, 5), 12, use_cache=False))


@pytest.mark.parametrize(
    "change", [lambda m: m.load_state_dict(build(PLAIN, 5).state_dict(), assign=True), lambda m: m.double()]
)
def test_weights_that_are_replaced_are_recorded_anew(change: Callable[[Transformer], object]) -> None:
    model = build(PLAIN)
    generate(model, ids(1, 5), 12)
    change(model)
    after = generate(model, ids(1, 5), 12)
    assert after.equal(generate(model, ids(1, 5), 12, use_cache=False))


def test_batches_of_another_size_have_a_tape_of_their_own() -> None:
    model = build(PLAIN)
    for rows in (1, 3, 1):
        out = generate(model, ids(rows, 5), 12)
        assert out.equal(generate(model, ids(rows, 5), 12, use_cache=False))
    assert len(replayed(model)) == 2


@pytest.mark.parametrize("name", [name for name in DECODERS if name not in RECORDABLE])
def test_steps_that_may_change_their_course_are_not_recorded(name: str) -> None:
    model = build(DECODERS[name])
    assert not recordable(model)
    generate(model, ids(1, 5), 12)
    assert replayed(model) == []


def written(*computes: Callable[[int], torch.Tensor], x: torch.Tensor, model: Transformer) -> Tape:
    """The tape of two steps, at 4 and 5 tokens."""
    first, second = (recorded(partial(f, n), n, [x]) for n, f in zip((4, 5), computes, strict=True))
    assert isinstance(first, Step) and isinstance(second, Step)
    tape = Tape()
    tape.write(first, second, model.parameters())
    return tape


def test_a_step_that_reads_numbers_is_not_recorded() -> None:
    x = ids(1, 1)
    assert isinstance(recorded(lambda: x * float(x.sum()), 4, [x]), torch.Tensor)


def test_steps_of_different_calls_are_not_replayed() -> None:
    model, x = build(replace(PLAIN, n_layers=1)), ids(1, 1)
    tape = written(lambda n: model.W_E[x[0]], lambda n: model.W_E[x[0]] * 2, x=x, model=model)
    assert not tape.usable and tape.prepare is None


def test_a_number_that_jumps_is_not_replayed() -> None:
    model, x = build(replace(PLAIN, n_layers=1)), ids(1, 1)
    tape = written(lambda n: model.W_E.narrow(0, 0, 4), lambda n: model.W_E.narrow(0, 0, 8), x=x, model=model)
    assert not tape.usable and tape.prepare is None


def test_a_number_that_grows_by_one_grows_with_the_cache() -> None:
    model, x = build(replace(PLAIN, n_layers=1)), ids(1, 1)
    step = lambda n: model.W_E.narrow(0, n, 1) + model.W_E.narrow(0, n - 2, 1)  # noqa: E731
    tape = written(step, step, x=x, model=model)
    assert tape.prepare is not None and tape.prepare()(9, x).equal(model.W_E[9:10] + model.W_E[7:8])


def test_what_is_made_of_weights_alone_is_made_once() -> None:
    model, x = build(replace(PLAIN, n_layers=1)), ids(1, 1)
    step = lambda n: (model.W_E * 2)[x[0]]  # noqa: E731
    tape = written(step, step, x=x, model=model)
    assert tape.prepare is not None
    replay, before = tape.prepare(), model.W_E[x[0]] * 2
    with torch.no_grad():
        model.W_E.mul_(3)
    assert replay(9, x).equal(before) and tape.prepare()(9, x).equal(before * 3)


def test_a_tensor_from_elsewhere_is_not_replayed() -> None:
    model, x, other = build(replace(PLAIN, n_layers=1)), ids(1, 1), torch.ones(24)
    tape = written(lambda n: model.W_E[x[0]] * other, lambda n: model.W_E[x[0]] * other, x=x, model=model)
    assert not tape.usable


def exchange_data(model: Transformer) -> None:
    for weights in model.parameters():
        weights.data = weights.data * -1.2


def through_another_precision(model: Transformer) -> None:
    model.double()
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(-1.2)
    model.float()


def another_scale(model: Transformer) -> None:
    model.decoder.blocks[0].attn.scale = -3.0


def another_activation(model: Transformer) -> None:
    model.decoder.blocks[0].ffn.act = torch.nn.functional.silu


def parametrized(model: Transformer) -> None:
    class Doubled(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x

    parametrize.register_parametrization(model.decoder.blocks[0].ffn, "W_out", Doubled())


@pytest.mark.parametrize(
    "change", [exchange_data, through_another_precision, another_scale, another_activation, parametrized]
)
@torch.inference_mode(False)
def test_whatever_becomes_of_the_model_is_followed(change: Callable[[Transformer], None]) -> None:
    model = build(PLAIN)
    before = generate(model, ids(1, 5), 12)
    change(model)
    after = generate(model, ids(1, 5), 12)
    assert after.equal(generate(model, ids(1, 5), 12, use_cache=False))
    assert after.equal(generate(model, ids(1, 5), 12)) and not after.equal(before)


def test_no_cache_is_kept_alive() -> None:
    model = build(PLAIN)
    for new in (2, 12):
        reader = Reader(model, 1, 5 + new, True)
        with torch.inference_mode():
            for piece in ids(1, 4 + new).split([5, *[1] * (new - 1)], dim=1):
                reader.read(piece)
        keys = weakref.ref(reader._cache.keys[0])
        del reader
        gc.collect()
        assert keys() is None


def test_mixed_precision_has_a_tape_of_its_own() -> None:
    model = build(PLAIN)
    generate(model, ids(1, 5), 12)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = generate(model, ids(1, 5), 12)
        assert mixed.equal(generate(model, ids(1, 5), 12))
    assert len(replayed(model)) == 2


def test_a_model_that_is_gone_takes_its_tapes_along() -> None:
    from studycli.engine.tape import _TAPES

    gc.collect()
    before = len(_TAPES)
    model = build(PLAIN)
    generate(model, ids(1, 5), 12)
    weights = weakref.ref(model.W_E)
    assert len(_TAPES) == before + 1
    del model
    gc.collect()
    assert len(_TAPES) == before and weights() is None

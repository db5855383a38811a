"""Tapes: a replayed step gives the very numbers of the layers, and is not used where it would not."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from studycli.engine import Transformer, generate
from studycli.engine import reader as reader_module
from studycli.engine.reader import Reader
from studycli.engine.tape import Tape, recordable, tape_of
from tests.engine_models import CROSS, DECODERS, PLAIN, build, ids

RECORDABLE = {name: config for name, config in DECODERS.items() if config.attention == "full" and not config.n_experts}


def replayed(model: Transformer) -> list[Tape]:
    from studycli.engine.tape import _TAPES

    return [tape for tape in _TAPES.get(model, {}).values() if tape.replay is not None]


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


def test_a_step_that_reads_numbers_is_not_replayed() -> None:
    model = build(replace(PLAIN, n_layers=1))
    x = ids(1, 1)
    tape = tape_of(model, [x])

    def compute() -> torch.Tensor:
        return model.W_E[x[0]] * float(x.sum())

    for length in (4, 5):
        tape.record(compute, length, [x])
    assert not tape.usable and tape.replay is None


def test_steps_of_different_calls_are_not_replayed() -> None:
    model = build(replace(PLAIN, n_layers=1))
    x = ids(1, 1)
    tape = tape_of(model, [x])
    tape.record(lambda: model.W_E[x[0]], 4, [x])
    tape.record(lambda: model.W_E[x[0]] * 2, 5, [x])
    assert not tape.usable and tape.replay is None


def test_a_number_that_jumps_is_not_replayed() -> None:
    model = build(replace(PLAIN, n_layers=1))
    x = ids(1, 1)
    tape = tape_of(model, [x])
    tape.record(lambda: model.W_E.narrow(0, 0, 4) * 1, 4, [x])
    tape.record(lambda: model.W_E.narrow(0, 0, 8) * 1, 5, [x])
    assert not tape.usable and tape.replay is None


def test_a_view_of_weights_that_grows_is_taken_anew_each_time() -> None:
    model = build(replace(PLAIN, n_layers=1))
    x = ids(1, 1)
    tape = tape_of(model, [x])
    for length in (4, 5):
        tape.record(lambda length=length: model.W_E.narrow(0, length, 1) * 1, length, [x])
    assert tape.replay is not None and tape.replay(9, x).equal(model.W_E[9:10])


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

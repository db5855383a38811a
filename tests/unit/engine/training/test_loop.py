"""train(): what a step does and reports, that nothing else decides, and where it stops."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from studycli.engine import Transformer
from studycli.engine.seed import generator
from studycli.engine.training import IGNORED, Loss, Step, causal_lm_loss, learning_rate, masked_lm_loss, train
from studycli.errors import EngineError
from tests.engine_models import ENCODER, PLAIN, build, ids


def batches(seed: int = 0, rows: int = 4, seq: int = 8) -> Iterator[dict[str, Tensor]]:
    random = generator(seed, "batches")
    while True:
        lengths = torch.randint(2, seq + 1, (rows, 1), generator=random)
        mask = (torch.arange(seq) < lengths).long()
        yield {"input_ids": torch.randint(23, (rows, seq), generator=random), "attention_mask": mask}


def trained(steps: int, **options: object) -> tuple[Transformer, list[Step]]:
    model, history = build(PLAIN), []
    train(model, batches(), causal_lm_loss, steps=steps, **{"peak": 0.01, "on_step": history.append, **options})
    return model, history


def equal(a: nn.Module, b: nn.Module) -> bool:
    return all(x.equal(y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


def test_a_record_of_each_step() -> None:
    given = list(islice(batches(), 6))
    _, history = trained(6, warmup=2, floor=0.001)
    assert [step.step for step in history] == [1, 2, 3, 4, 5, 6]
    rates = [learning_rate(step, peak=0.01, warmup=2, total=7, floor=0.001) for step in range(1, 7)]
    assert [step.learning_rate for step in history] == rates and rates[-1] > 0.001
    assert [step.tokens for step in history] == [int(batch["attention_mask"][:, 1:].sum()) for batch in given]
    model = build(PLAIN)
    loss = causal_lm_loss(model, **given[0]).mean
    loss.backward()
    norm = torch.cat([weights.grad.flatten() for weights in model.parameters()]).norm()
    assert history[0].loss == pytest.approx(loss.item(), rel=1e-6)
    assert history[0].gradient_norm == pytest.approx(norm.item(), rel=1e-5)


def test_the_same_start_and_batches_give_the_same_weights() -> None:
    first, history = trained(8)
    again, repeated = trained(8)
    assert equal(first, again) and history == repeated
    assert not equal(first, build(PLAIN)) and not equal(first, trained(8, peak=0.02)[0])


def one_step(clip: float) -> tuple[nn.Module, Step]:
    """A step of plain gradient descent: w - g after clipping."""
    model, history = build(PLAIN), []
    descent = torch.optim.SGD(model.parameters(), lr=0.0)
    options = {"steps": 1, "peak": 1.0, "warmup": 1, "optimizer": descent, "clip": clip}
    train(model, batches(), causal_lm_loss, on_step=history.append, **options)
    return model, history[0]


def test_a_gradient_is_clipped_to_its_global_norm() -> None:
    start = [weights.detach() for weights in build(PLAIN).parameters()]
    (free, step), (clipped, same) = one_step(math.inf), one_step(0.1)
    assert step.gradient_norm == same.gradient_norm > 1
    moved, less = (
        torch.cat([(after.detach() - before).flatten() for after, before in zip(m.parameters(), start, strict=True)])
        for m in (free, clipped)
    )
    assert less.norm().item() == pytest.approx(0.1, rel=1e-3)
    torch.testing.assert_close(less, moved * 0.1 / step.gradient_norm, atol=1e-6, rtol=1e-4)
    assert one_step(1e6)[1] == step and equal(one_step(1e6)[0], free)


def test_what_a_caller_left_in_the_gradients_does_not_count() -> None:
    model = build(PLAIN)
    causal_lm_loss(model, ids(2, 5)).mean.backward()
    train(model, batches(), causal_lm_loss, steps=3, peak=0.01)
    assert equal(model, trained(3)[0])


@pytest.mark.parametrize("which", ["loss", "gradient"])
def test_what_is_not_finite_stops_it_before_the_weights_change(which: str) -> None:
    calls = []

    def loss(model: Transformer, input_ids: Tensor, attention_mask: Tensor) -> Loss:
        calls.append(None)
        good = causal_lm_loss(model, input_ids, attention_mask)
        if len(calls) < 3:
            return good
        # The square root of 0 is finite; its slope isn't.
        return good._replace(mean=good.mean + (math.nan if which == "loss" else (model.W_E * 0).sum().sqrt()))

    kept: list[Transformer] = []
    model = build(PLAIN)

    def keep(step: Step) -> None:
        kept.append(build(PLAIN))
        kept[-1].load_state_dict(model.state_dict())

    with pytest.raises(EngineError, match=f"step 3: the {which if which == 'loss' else 'norm of the gradient'} is"):
        train(model, batches(), loss, steps=5, peak=0.01, on_step=keep)
    assert len(kept) == 2 and equal(model, kept[-1])


def test_batches_that_end_and_batches_with_nothing_to_predict() -> None:
    with pytest.raises(EngineError, match="step 3: the batches have ended"):
        train(build(PLAIN), islice(batches(), 2), causal_lm_loss, steps=5, peak=0.01)
    nothing = [{"input_ids": ids(2, 5), "labels": torch.full((2, 5), IGNORED)}]
    with pytest.raises(EngineError, match="step 1: nothing in the batch is to be predicted"):
        train(build(ENCODER), nothing, masked_lm_loss, steps=1, peak=0.01)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(EngineError, match=r"weights are torch\.bfloat16"):
        train(build(PLAIN, dtype=torch.bfloat16), batches(), causal_lm_loss, steps=1, peak=0.01)
    with pytest.raises(EngineError, match="clip is 0"):
        trained(1, clip=0)
    with pytest.raises(EngineError, match="clip is nan"):
        trained(1, clip=math.nan)
    with pytest.raises(EngineError, match="every weight is frozen"):
        train(build(PLAIN).requires_grad_(False), batches(), causal_lm_loss, steps=1, peak=0.01)
    with pytest.raises(EngineError, match="warm-up is 3 of 2 steps"):
        trained(2, warmup=3)
    uneven = [{"input_ids": ids(2, 5), "attention_mask": torch.ones(1, 5)}]
    with pytest.raises(EngineError, match="the batch has 1, 2 rows"):
        train(build(PLAIN), uneven, causal_lm_loss, steps=1, peak=0.01)


def test_it_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    trained(2)
    assert capfd.readouterr() == ("", "")


def seen_dtypes(device: str) -> set[torch.dtype]:
    """The dtypes of the logits while a model is trained on a device."""
    model, seen = build(PLAIN).to(device), set()

    def loss(model: Transformer, **batch: Tensor) -> Loss:
        seen.add(model(**batch).dtype)
        return causal_lm_loss(model, **batch)

    train(model, batches(), loss, steps=2, peak=0.01)
    assert model.dtype == torch.float32
    return seen


def test_a_cpu_computes_in_the_dtype_of_the_weights() -> None:
    assert seen_dtypes("cpu") == {torch.float32}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_a_gpu_computes_in_bfloat16_and_keeps_the_weights_in_float32() -> None:
    assert seen_dtypes("cuda") == {torch.bfloat16}

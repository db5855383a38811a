"""Checkpoints: training goes on as if it had never stopped; what is damaged or foreign is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studycli.engine import Config, Transformer, load_pretrained
from studycli.engine.checkpoint import check_sums, sha256
from studycli.engine.convert import save_pretrained
from studycli.engine.training import (
    Step,
    adamw,
    causal_lm_loss,
    load_checkpoint,
    masked_lm_loss,
    save_checkpoint,
    train,
)
from studycli.errors import EngineError
from tests.engine_models import DECODERS, ENCODER, PLAIN, build, ids

OPTIMIZER = "optimizer.safetensors"
BATCHES = [{"input_ids": ids(4, 8, seed=seed)} for seed in range(10)]
LABELLED = [{**batch, "labels": ids(4, 8, seed=10 + seed)} for seed, batch in enumerate(BATCHES)]
# Without biases of keys: their gradient is 0 but for rounding, and Adam makes a step of any gradient.
CASES = {
    "decoder": (replace(PLAIN, qkv_bias=False), causal_lm_loss, BATCHES),
    "experts": (replace(DECODERS["experts"], qkv_bias=False), causal_lm_loss, BATCHES),
    # No gradient reaches the pooler, so the optimizer knows nothing of it.
    "encoder with an unused head": (replace(ENCODER, pooler=True, qkv_bias=False), masked_lm_loss, LABELLED),
}


@pytest.mark.parametrize("case", CASES)
def test_ten_steps_are_five_saved_and_loaded_and_five_more(tmp_path: Path, case: str) -> None:
    config, loss, batches = CASES[case]
    schedule = {"steps": 10, "peak": 0.01, "warmup": 3}
    model = build(config)
    optimizer = adamw(model, weight_decay=0.3, betas=(0.7, 0.95))
    history: list[Step] = []

    def save(step: Step) -> None:
        history.append(step)
        if step.step == 5:
            save_checkpoint(tmp_path / "half", model, optimizer, step.step)

    train(model, batches, loss, optimizer=optimizer, on_step=save, **schedule)
    half = load_checkpoint(tmp_path / "half")
    assert half.step == 5
    resumed: list[Step] = []
    train(
        half.model,
        islice(batches, 5, None),
        loss,
        optimizer=half.optimizer,
        done=half.step,
        on_step=resumed.append,
        **schedule,
    )
    for again, before in zip(resumed, history[5:], strict=True):
        # Tensors read from a file lie elsewhere in memory, and some kernels round by where they lie.
        assert asdict(again) == pytest.approx(asdict(before), rel=1e-5)
    for ours, theirs in zip(half.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint after two steps."""
    model = build(PLAIN)
    optimizer = adamw(model)
    train(model, BATCHES, causal_lm_loss, steps=2, peak=0.01, optimizer=optimizer)
    save_checkpoint(tmp_path / "checkpoint", model, optimizer, 2)
    return tmp_path / "checkpoint"


def test_the_folder_is_a_model_too_and_holds_no_pickle(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == [
        "SHA256SUMS",
        "config.json",
        "model.safetensors",
        OPTIMIZER,
    ]
    assert list(folder.parent.iterdir()) == [folder]
    ours, theirs = load_pretrained(folder), load_checkpoint(folder).model
    assert ours(ids(1, 5)).equal(theirs(ids(1, 5)))
    check_sums(folder)
    assert (folder / "SHA256SUMS").read_text().splitlines()[-1] == f"{sha256(folder / OPTIMIZER)}  {OPTIMIZER}"


def test_a_later_checkpoint_takes_the_place(folder: Path) -> None:
    model = build(PLAIN, seed=1)
    save_checkpoint(folder, model, adamw(model), 7)
    loaded = load_checkpoint(folder)
    assert loaded.step == 7 and loaded.model.W_E.equal(model.W_E) and not loaded.optimizer.state
    assert list(folder.parent.iterdir()) == [folder]


def test_a_checkpoint_that_fails_leaves_the_earlier_one(folder: Path) -> None:
    with pytest.raises(EngineError, match="cannot be written") as caught:
        model = build(PLAIN, seed=1)
        with_a_file_in_its_way = folder.with_name(f".{folder.name}.partial")
        with_a_file_in_its_way.write_text("")
        save_checkpoint(folder, model, adamw(model), 7)
    assert caught.value.where == str(folder)
    assert load_checkpoint(folder).step == 2


def test_a_folder_of_other_things_is_not_replaced(folder: Path) -> None:
    model = build(PLAIN)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(EngineError, match="holds something else, notes"):
        save_checkpoint(folder, model, adamw(model), 7)
    assert (folder / "notes.txt").read_text() == "mine" and load_checkpoint(folder).step == 2
    with pytest.raises(EngineError, match="cannot be written"):
        save_checkpoint(folder / "notes.txt", model, adamw(model), 7)
    assert (folder / "notes.txt").read_text() == "mine"


def rewritten(folder: Path, change: Callable[[dict[str, torch.Tensor], dict[str, str]], None]) -> None:
    """Change the optimizer's file, and drop the sums, which would notice."""
    tensors = load_file(folder / OPTIMIZER)
    metadata = {"step": "2", "weight_decay": "0.1", "betas": json.dumps([0.9, 0.98])}
    change(tensors, metadata)
    save_file(tensors, folder / OPTIMIZER, metadata)
    (folder / "SHA256SUMS").unlink()


FOREIGN: dict[str, Callable[[dict[str, torch.Tensor], dict[str, str]], object]] = {
    "a tensor less": lambda tensors, metadata: tensors.pop("exp_avg.W_E"),
    "a tensor more": lambda tensors, metadata: tensors.update({"exp_avg.W_X": torch.ones(1)}),
    "another shape": lambda tensors, metadata: tensors.update({"exp_avg_sq.W_E": torch.ones(3, 3)}),
    "no step": lambda tensors, metadata: metadata.pop("step"),
    "a step in words": lambda tensors, metadata: metadata.update(step="two"),
    "betas of one": lambda tensors, metadata: metadata.update(betas="[0.9]"),
    "betas beyond 1": lambda tensors, metadata: metadata.update(betas="[0.9, 2]"),
}


@pytest.mark.parametrize("change", FOREIGN)
def test_an_optimizer_that_is_not_the_models_is_refused(folder: Path, change: str) -> None:
    rewritten(folder, lambda tensors, metadata: None)
    assert load_checkpoint(folder).step == 2
    (folder / "SHA256SUMS").touch()
    rewritten(folder, FOREIGN[change])
    with pytest.raises(EngineError, match="is not as this model's optimizer has it"):
        load_checkpoint(folder)


def test_what_is_damaged_or_missing_is_refused(folder: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", OPTIMIZER):
        damaged = Path(shutil.copytree(folder, tmp_path / f"damaged-{name}"))
        content = bytearray((damaged / name).read_bytes())
        content[-1] ^= 1
        (damaged / name).write_bytes(content)
        with pytest.raises(EngineError, match="SHA-256") as caught:
            load_checkpoint(damaged)
        assert caught.value.where == str(damaged / name)
    (damaged / "SHA256SUMS").unlink()
    (damaged / OPTIMIZER).write_bytes(content[:-8])
    with pytest.raises(EngineError, match="no whole safetensors"):
        load_checkpoint(damaged)
    save_pretrained(Transformer(Config.from_json(PLAIN.to_json())), tmp_path / "model")
    with pytest.raises(EngineError, match="the file is missing"):
        load_checkpoint(tmp_path / "model")

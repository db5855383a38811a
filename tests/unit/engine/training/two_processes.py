"""What test_distributed.py starts with torchrun: each case trained by this process and the others, and saved."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.distributed
from safetensors.torch import save_file
from torch import Tensor

from studycli.engine import Config, Transformer
from studycli.engine.seed import generator
from studycli.engine.training import (
    IGNORED,
    Loss,
    Processes,
    adamw,
    causal_lm_loss,
    join,
    load_checkpoint,
    masked_lm_loss,
    save_checkpoint,
    sequence_loss,
    train,
)
from studycli.errors import EngineError

ROWS, SEQ, VOCAB, STEPS = 5, 8, 19, 6
# Without biases of keys: their gradient is 0 but for rounding, which AdamW makes as large as any other.
DECODER = Config(
    architecture="decoder",
    vocab_size=VOCAB,
    d_model=16,
    n_layers=2,
    n_heads=2,
    d_ff=24,
    max_length=SEQ,
    qkv_bias=False,
    pad_id=0,
)
ENCODER = replace(DECODER, architecture="encoder", n_decoder_layers=None, mlm_head=True)
CROSS = replace(DECODER, architecture="encoder-decoder", n_decoder_layers=2, start_id=1)
EXPERTS = replace(DECODER, n_experts=4, ffn_bias=False)


@dataclass(frozen=True)
class Case:
    config: Config
    loss: Callable[..., Loss]
    labels: int | None = None  # in each row of the last process


def poisoned(model: Transformer, input_ids: Tensor, attention_mask: Tensor) -> Loss:
    """Not a number where a row is full, as one of the last process's is."""
    good = causal_lm_loss(model, input_ids, attention_mask)
    return good._replace(mean=good.mean * (float("nan") if attention_mask[:, -1].any() else 1.0))


CASES = {
    "decoder": Case(DECODER, causal_lm_loss),
    "experts": Case(EXPERTS, causal_lm_loss),
    "encoder-decoder": Case(CROSS, sequence_loss, labels=3),
    "encoder": Case(ENCODER, masked_lm_loss, labels=2),
    "unused": Case(replace(ENCODER, pooler=True, n_labels=3), masked_lm_loss, labels=0),
}


def batches(late_labels: int | None = None) -> list[dict[str, Tensor]]:
    """Rows of very different lengths, and fewer labels in the last ones: processes predict unequally often."""
    random = generator(0, "batches")
    lengths = torch.tensor([[2], [3], [4], [8], [7]])
    mask = (torch.arange(SEQ) < lengths).long()
    given = []
    for _ in range(STEPS):
        batch = {"input_ids": torch.randint(2, VOCAB, (ROWS, SEQ), generator=random), "attention_mask": mask}
        if late_labels is not None:
            labels = torch.randint(2, VOCAB, (ROWS, SEQ), generator=random)
            labels[3:, late_labels:] = IGNORED
            batch["labels"] = labels
        given.append(batch)
    return given


def run(name: str, processes: Processes | None = None, seed: int = 0) -> tuple[Transformer, list[dict[str, Any]]]:
    """The trained model, and a record of each step in the process that reports."""
    case, history = CASES[name], []
    model = Transformer(case.config, seed=seed)
    optimizer = adamw(model, weight_decay=0.5)
    train(
        model,
        batches(case.labels),
        case.loss,
        steps=STEPS,
        peak=0.005,
        warmup=2,
        clip=0.5,
        optimizer=optimizer,
        processes=processes,
        on_step=lambda step: history.append(asdict(step)),
    )
    return model, history


def resumed(folder: Path, processes: Processes) -> Transformer:
    """The case `decoder`, saved by one process after half of the steps and taken up by all."""
    options = {"steps": STEPS, "peak": 0.005, "warmup": 2, "clip": 0.5, "processes": processes}
    model, half = Transformer(DECODER), STEPS // 2
    optimizer = adamw(model, weight_decay=0.5)

    def save(step: Any) -> None:
        if step.step == half:
            save_checkpoint(folder, model, optimizer, half)

    train(model, batches(), causal_lm_loss, optimizer=optimizer, on_step=save, **options)
    torch.distributed.barrier()
    loaded = load_checkpoint(folder)
    given = batches()[loaded.step :]
    train(loaded.model, given, causal_lm_loss, optimizer=loaded.optimizer, done=loaded.step, **options)
    return loaded.model


def save(model: Transformer, file: Path) -> None:
    save_file({name: x.detach().contiguous() for name, x in model.named_parameters()}, file)


def refusal(loss: Callable[..., Loss], rows: int, processes: Processes) -> str:
    given = [{name: x[:rows] for name, x in batch.items()} for batch in batches()]
    try:
        train(Transformer(DECODER), given, loss, steps=STEPS, peak=0.005, processes=processes)
    except EngineError as error:
        return str(error)
    return ""


def main(folder: Path) -> None:
    with join("cpu") as processes:
        for name in CASES:
            model, history = run(name, processes, seed=processes.rank)
            save(model, folder / f"{name}-{processes.rank}.safetensors")
            (folder / f"{name}-{processes.rank}.json").write_text(json.dumps(history))
        model = resumed(folder / "checkpoint", processes)
        save(model, folder / f"resumed-{processes.rank}.safetensors")
        refused = [refusal(poisoned, ROWS, processes), refusal(causal_lm_loss, 1, processes)]
        (folder / f"refused-{processes.rank}.json").write_text(json.dumps(refused))
    left = not torch.distributed.is_initialized()
    (folder / f"left-{processes.rank}.json").write_text(json.dumps([left, processes.world]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

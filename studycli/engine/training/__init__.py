"""Training: losses, corrupted texts to learn from, the loop, its checkpoints, and several processes at once."""

from __future__ import annotations

from studycli.engine.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from studycli.engine.training.contrastive import contrastive_loss
from studycli.engine.training.corruption import mask_tokens, span_corruption
from studycli.engine.training.distributed import Processes, join
from studycli.engine.training.loop import Step, train
from studycli.engine.training.losses import (
    IGNORED,
    Loss,
    causal_lm_loss,
    classification_loss,
    masked_lm_loss,
    sequence_loss,
)
from studycli.engine.training.optimizer import adamw
from studycli.engine.training.schedule import learning_rate

__all__ = [
    "IGNORED",
    "Checkpoint",
    "Loss",
    "Processes",
    "Step",
    "adamw",
    "causal_lm_loss",
    "classification_loss",
    "contrastive_loss",
    "join",
    "learning_rate",
    "load_checkpoint",
    "mask_tokens",
    "masked_lm_loss",
    "save_checkpoint",
    "sequence_loss",
    "span_corruption",
    "train",
]

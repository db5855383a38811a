"""Losses: what a model is trained to make small, as a mean over the tokens that it predicts."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from studycli.engine.config import Config
from studycli.engine.model import Transformer
from studycli.errors import EngineError

IGNORED = -100
"""The label of a token that is not to be predicted, as in torch and transformers."""


class Loss(NamedTuple):
    """A mean, and the number of predicted tokens that it was taken over.

    With both, the means of parts of a batch give the mean of the whole, however it was cut.
    """

    mean: Tensor  # ()
    tokens: Tensor  # (), torch.long


def causal_lm_loss(
    model: Transformer, input_ids: Tensor, attention_mask: Tensor | None = None, labels: Tensor | None = None
) -> Loss:
    """Cross-entropy, in nats, of each token of ids (batch, seq) given those before it, for a decoder.

    `attention_mask` is 1 keep and 0 pad: padding is neither predicted nor predicted from. `labels` (batch, seq) are
    the ids themselves, with IGNORED where a token is not to be predicted; without them every token is, but the first.
    """
    labels = input_ids if labels is None else labels
    _check_labels(labels, model.config, input_ids)
    logits = model(input_ids, attention_mask=attention_mask)  # (batch, seq, vocab)
    targets = labels[:, 1:].to(logits.device, torch.long)  # (batch, seq - 1)
    if attention_mask is not None:
        kept = attention_mask.to(logits.device).bool()  # (batch, seq)
        targets = targets.masked_fill(~(kept[:, 1:] & kept[:, :-1]), IGNORED)  # (batch, seq - 1)
    return _cross_entropy(logits[:, :-1], targets)


def masked_lm_loss(
    model: Transformer,
    input_ids: Tensor,
    labels: Tensor,
    attention_mask: Tensor | None = None,
    segment_ids: Tensor | None = None,
) -> Loss:
    """Cross-entropy, in nats, of `labels` (batch, seq) at their own places in ids (batch, seq), for an encoder.

    Labels are IGNORED where nothing is to be predicted; see `corruption.mask_tokens`. Raises EngineError for a model
    without a masked-LM head.
    """
    _check_labels(labels, model.config, input_ids)
    logits = model.mlm_logits(input_ids, attention_mask=attention_mask, segment_ids=segment_ids)  # (batch, seq, vocab)
    return _cross_entropy(logits, labels.to(logits.device, torch.long))


def sequence_loss(model: Transformer, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None) -> Loss:
    """Cross-entropy, in nats, of `labels` (batch, target) given ids (batch, seq), for an encoder-decoder.

    The decoder reads the true tokens before each that it predicts (teacher forcing). Labels are IGNORED where a row
    has ended. Raises EngineError for a model that names no start token.
    """
    _check_labels(labels, model.config)
    logits = model(input_ids, attention_mask=attention_mask, decoder_input_ids=shift_right(labels, model.config))
    return _cross_entropy(logits, labels.to(logits.device, torch.long))


def classification_loss(
    model: Transformer, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None
) -> Loss:
    """Cross-entropy, in nats, of one label (batch) for each row of ids (batch, seq), for an encoder.

    A row whose label is IGNORED counts for nothing; `tokens` counts rows. Raises EngineError for a model without a
    classification head, and for labels that it doesn't have.
    """
    if tuple(labels.shape) != (len(input_ids),):
        message = f"the labels are {tuple(labels.shape)}, the tokens are {tuple(input_ids.shape)}"
        raise EngineError(message, where="labels", hint="one for each row")
    logits = model.classify(input_ids, attention_mask=attention_mask)  # (batch, labels)
    _check_range(labels, model.config.n_labels)
    return _cross_entropy(logits[:, None], labels[:, None].to(logits.device, torch.long))


def shift_right(labels: Tensor, config: Config) -> Tensor:
    """What a decoder reads to predict labels (batch, target): the start token, then all of them but the last.

    What is IGNORED is read as padding, or as the start token where there is no token for padding.
    """
    if config.start_id is None:
        raise EngineError("the model names no start token", where="config", hint="set start_id")
    filler = config.start_id if config.pad_id is None else config.pad_id
    before = functional.pad(labels[:, :-1], (1, 0), value=config.start_id)  # (batch, target)
    return before.masked_fill(before == IGNORED, filler)  # (batch, target)


def _check_labels(labels: Tensor, config: Config, input_ids: Tensor | None = None) -> None:
    if input_ids is not None and labels.shape != input_ids.shape:
        message = f"the labels are {tuple(labels.shape)}, the tokens are {tuple(input_ids.shape)}"
        raise EngineError(message, where="labels", hint=f"one for each token, {IGNORED} where none is predicted")
    _check_range(labels, config.vocab_size)


def _check_range(labels: Tensor, count: int) -> None:
    wrong = (labels != IGNORED) & ((labels < 0) | (labels >= count))  # the shape of the labels
    if bool(wrong.any()):
        hint = f"labels go from 0 to {count - 1}, {IGNORED} where none is predicted"
        raise EngineError(f"the label {int(labels[wrong][0])} is out of range", where="labels", hint=hint)


def _cross_entropy(logits: Tensor, targets: Tensor) -> Loss:
    """Of logits (batch, seq, vocab) for targets (batch, seq), in float32 at least; nothing to predict gives 0."""
    wide = logits.flatten(0, 1).to(torch.promote_types(logits.dtype, torch.float32))  # (batch * seq, vocab)
    total = functional.cross_entropy(wide, targets.flatten(), ignore_index=IGNORED, reduction="sum")  # ()
    tokens = (targets != IGNORED).sum()  # ()
    return Loss(total / tokens.clamp(min=1), tokens)

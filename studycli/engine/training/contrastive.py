"""Contrastive: the loss of a bi-encoder, which draws each query towards its own passage and away from the others'."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from studycli.engine.embedding import embed
from studycli.engine.model import Transformer
from studycli.engine.training.losses import Loss
from studycli.errors import EngineError


def contrastive_loss(
    model: Transformer,
    query_ids: Tensor,
    query_mask: Tensor,
    passage_ids: Tensor,
    passage_mask: Tensor,
    temperature: float = 0.05,
) -> Loss:
    """Cross-entropy, in nats, of each query's own passage among all passages of the batch, for an encoder.

    Ids and masks are (batch, query) and (batch, passage), row by row a pair; the logits are cosine similarities divided
    by `temperature`. One direction, from queries to passages: InfoNCE (van den Oord et al. 2018, equation 4) with
    in-batch negatives (Karpukhin et al. 2020, section 3.2). `tokens` counts pairs; the loss depends on how a batch is
    cut into parts, for each part has its own negatives, and a passage that is there twice is its own negative.
    Raises EngineError for unequal numbers of rows, and for a temperature that is not above 0.
    """
    if len(query_ids) != len(passage_ids):
        message = f"{len(query_ids)} queries and {len(passage_ids)} passages"
        raise EngineError(message, where="passage_ids", hint="give one passage for each query")
    if not temperature > 0:
        raise EngineError(f"the temperature is {temperature}", where="temperature", hint="it is above 0")
    queries = embed(model, query_ids, query_mask).float()  # (batch, d_model)
    passages = embed(model, passage_ids, passage_mask).float()  # (batch, d_model)
    logits = queries @ passages.t() / temperature  # (batch, batch)
    own = torch.arange(len(logits), device=logits.device)  # (batch)
    return Loss(functional.cross_entropy(logits, own), torch.tensor(len(logits), device=logits.device))

"""Embedding: one vector of unit length for each text, the mean of an encoder's hidden states."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from studycli.engine.model import Transformer
from studycli.errors import EngineError


def embed(model: Transformer, ids: Tensor, mask: Tensor) -> Tensor:
    """Vectors (batch, d_model) of unit length for ids (batch, seq), whose inner products are cosine similarities.

    The mean is taken over the tokens that `mask` (batch, seq) keeps, 1 keep and 0 pad (Reimers and Gurevych 2019,
    section 3). Raises EngineError for a model that is no encoder, and for a row without a token that is kept.
    """
    if model.config.architecture != "encoder":
        message = f"the model is {'a' if model.config.architecture == 'decoder' else 'an'} {model.config.architecture}"
        raise EngineError(message, where="embed", hint="texts are embedded by an encoder")
    hidden = model(ids, attention_mask=mask)  # (batch, seq, d_model)
    kept = mask.to(hidden.device, hidden.dtype)  # (batch, seq)
    count = kept.sum(1, keepdim=True)  # (batch, 1)
    if not bool(count.all()):
        raise EngineError("a row keeps no token", where="mask", hint="1 keep, 0 pad; keep at least one in each row")
    mean = (hidden * kept[..., None]).sum(1) / count  # (batch, d_model)
    return functional.normalize(mean, dim=-1)  # (batch, d_model)

"""Embeddings: of unit length, the mean of what the mask keeps, and blind to padding."""

from __future__ import annotations

import pytest
import torch

from studycli.engine.config import Config
from studycli.engine.embedding import embed
from studycli.errors import EngineError
from tests.engine_models import CROSS, ENCODER, PLAIN, build, ids

MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def test_it_is_the_mean_of_the_kept_states_at_unit_length() -> None:
    model = build(ENCODER)
    vectors = embed(model, ids(2, 5), MASK)
    hidden = model(ids(2, 5), attention_mask=MASK)
    for row, kept in enumerate((5, 3)):
        mean = hidden[row, :kept].mean(0)
        torch.testing.assert_close(vectors[row], mean / mean.norm())
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(2))


def test_padding_changes_nothing() -> None:
    model = build(ENCODER)
    alone = embed(model, ids(2, 5)[1:, :3], MASK[1:, :3])
    torch.testing.assert_close(embed(model, ids(2, 5), MASK)[1:], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("config", [PLAIN, CROSS])
def test_only_an_encoder_embeds(config: Config) -> None:
    with pytest.raises(EngineError, match="the model is"):
        embed(build(config), ids(2, 5), MASK)


def test_a_row_without_tokens_is_refused() -> None:
    with pytest.raises(EngineError, match="keeps no token"):
        embed(build(ENCODER), ids(2, 5), MASK * torch.tensor([[1], [0]]))

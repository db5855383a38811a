"""The best heads of a model in training: those of the bundled models, and what padding leaves out."""

from __future__ import annotations

import torch

from studycli.engine import Transformer
from studycli.engine.miniatures import bundle
from studycli.engine.miniatures.induction import CONFIG, repeated_sequences
from studycli.engine.miniatures.watching import best_heads
from studycli.engine.seed import generator


def test_the_best_head_of_any_layer_is_found() -> None:
    ids = repeated_sequences(32, generator(3, "test"))["input_ids"]
    learned, fresh = best_heads(bundle.load("induction").model, ids), best_heads(Transformer(CONFIG), ids)
    assert learned["previous_token"] > 0.4 > fresh["previous_token"] > 0
    assert set(learned) == {"previous_token", "duplicate_token"}


def test_padding_is_left_out_and_no_token_is_no_score() -> None:
    model = bundle.load("induction").model
    ids = torch.tensor([[0, 5, 9, 3, 7, 7, 7, 7]])
    keep = torch.tensor([[1, 1, 1, 1, 1, 0, 0, 0]])
    found = best_heads(model, ids, keep)
    assert found["duplicate_token"] == 0
    assert abs(found["previous_token"] - best_heads(model, ids[:, :5])["previous_token"]) < 1e-5
    assert best_heads(model, ids)["duplicate_token"] > 0

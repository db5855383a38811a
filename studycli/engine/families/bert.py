"""BERT: a bidirectional encoder with segments, post-norm, and its heads."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, side_by_side, with_unembedding
from studycli.errors import EngineError

# Before 2020 norms were saved under TensorFlow's names.
_OLD_NAMES = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """BertModel, BertForMaskedLM or BertForSequenceClassification; a next-sentence head is left aside."""
    hf.refuse("is_decoder", False)
    hf.refuse("position_embedding_type", "absolute")
    weights.drop_prefix("bert.")
    weights.rename(_OLD_NAMES)
    weights.drop(r"embeddings\.position_ids", r"cls\.seq_relationship\..*")
    masked, labels = "cls.predictions.bias" in weights, "classifier.weight" in weights
    found: dict[str, Tensor] = {}
    n_labels = 0
    if labels:
        found |= dense(weights, "classifier", "classifier.W", "classifier.b")
        n_labels = found["classifier.W"].shape[1]
    pooled = "pooler.dense.weight" in weights
    if labels and not pooled:
        hint = "known are the classifiers of whole texts, which have a pooler"
        raise EngineError("a classifier of single tokens is not known here", where=weights.where, hint=hint)
    config = Config(
        architecture="encoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["hidden_size"],
        n_layers=hf["num_hidden_layers"],
        n_heads=hf["num_attention_heads"],
        d_ff=hf["intermediate_size"],
        max_length=hf["max_position_embeddings"],
        norm_position="post",
        norm_eps=hf.get("layer_norm_eps", 1e-12),
        embedding_norm=True,
        activation=hf.activation("hidden_act"),
        n_segments=hf["type_vocab_size"],
        unembed_bias=masked,
        pooler=pooled,
        mlm_head=masked,
        n_labels=n_labels,
        pad_id=hf.get("pad_token_id"),
    )
    found |= {
        "W_E": weights.take("embeddings.word_embeddings.weight"),
        "encoder.W_pos": weights.take("embeddings.position_embeddings.weight"),
        "encoder.W_segment": weights.take("embeddings.token_type_embeddings.weight"),
    } | norm(weights, "embeddings.LayerNorm", "encoder.embedding_norm")
    for i in range(config.n_layers):
        found |= _block(weights, f"encoder.layer.{i}", f"encoder.blocks.{i}")
    if pooled:
        found |= dense(weights, "pooler.dense", "pooler.W", "pooler.b")
    if not masked:
        return config, found
    found |= dense(weights, "cls.predictions.transform.dense", "mlm.W", "mlm.b")
    found |= norm(weights, "cls.predictions.transform.LayerNorm", "mlm.norm")
    found["unembedding.b_U"] = _output_bias(weights, hf.tied(True))  # (vocab)
    return with_unembedding(config, found, weights, "cls.predictions.decoder", tied=hf.tied(True))


def _output_bias(weights: Weights, tied: bool) -> Tensor:
    """The bias that is added to the logits: the output layer's own, which is the same one where they are tied."""
    bias = weights.take("cls.predictions.bias")  # (vocab)
    if "cls.predictions.decoder.bias" not in weights:
        return bias
    own = weights.take("cls.predictions.decoder.bias")  # (vocab)
    if tied and not torch.equal(own, bias):
        message = "cls.predictions.decoder.bias differs from cls.predictions.bias"
        raise EngineError(message, where=weights.where, hint="config.json says that they are tied")
    return own


def _block(weights: Weights, source: str, target: str) -> dict[str, Tensor]:
    W, b = f"{target}.attn.W_QKV", f"{target}.attn.b_QKV"
    parts = ("query", "key", "value")
    return (
        side_by_side(dense(weights, f"{source}.attention.self.{part}", W, b) for part in parts)
        | dense(weights, f"{source}.attention.output.dense", f"{target}.attn.W_O", f"{target}.attn.b_O")
        | norm(weights, f"{source}.attention.output.LayerNorm", f"{target}.norm1")
        | dense(weights, f"{source}.intermediate.dense", f"{target}.ffn.W_in", f"{target}.ffn.b_in")
        | dense(weights, f"{source}.output.dense", f"{target}.ffn.W_out", f"{target}.ffn.b_out")
        | norm(weights, f"{source}.output.LayerNorm", f"{target}.norm2")
    )

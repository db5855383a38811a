"""BLOOM: ALiBi, and a norm right after the embedding."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, ungroup, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """BloomForCausalLM or BloomModel."""
    hf.refuse("apply_residual_connection_post_layernorm", False)
    d_model = hf.first("hidden_size", "n_embed")
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=d_model,
        n_layers=hf.first("n_layer", "num_hidden_layers"),
        n_heads=hf.first("n_head", "num_attention_heads"),
        d_ff=4 * d_model,
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        embedding_norm=True,
        activation="gelu_tanh",
        position="alibi",
    )
    weights.drop_prefix("transformer.")
    found = {"W_E": weights.take("word_embeddings.weight")} | norm(weights, "ln_f", "decoder.final_norm")
    found |= norm(weights, "word_embeddings_layernorm", "decoder.embedding_norm")
    for i in range(config.n_layers):
        source, target = f"h.{i}", f"decoder.blocks.{i}"
        qkv = dense(weights, f"{source}.self_attention.query_key_value", f"{target}.attn.W_QKV", f"{target}.attn.b_QKV")
        found |= {name: ungroup(x, config.n_heads, 1, config.head_size) for name, x in qkv.items()}
        found |= dense(weights, f"{source}.self_attention.dense", f"{target}.attn.W_O", f"{target}.attn.b_O")
        found |= dense(weights, f"{source}.mlp.dense_h_to_4h", f"{target}.ffn.W_in", f"{target}.ffn.b_in")
        found |= dense(weights, f"{source}.mlp.dense_4h_to_h", f"{target}.ffn.W_out", f"{target}.ffn.b_out")
        found |= norm(weights, f"{source}.input_layernorm", f"{target}.norm1")
        found |= norm(weights, f"{source}.post_attention_layernorm", f"{target}.norm2")
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(True))

"""Falcon: rotary positions and parallel blocks, in the layouts of the 7B (multi-query) and the 40B (grouped-query)."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, ungroup, with_unembedding

Residual = Literal["sequential", "parallel", "parallel-shared-norm"]


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """FalconForCausalLM or FalconModel."""
    hf.refuse("alibi", False)
    bias, grouped = hf.get("bias", False), hf.get("new_decoder_architecture", False)
    d_model, n_heads = hf["hidden_size"], hf.first("num_attention_heads", "n_head")
    n_kv_heads = 1 if hf.get("multi_query", True) else n_heads
    if grouped:
        n_kv_heads = hf.first("num_kv_heads", "n_head_kv")
    residual = _residual(hf, grouped)
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=d_model,
        n_layers=hf.first("num_hidden_layers", "n_layer"),
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        d_ff=hf.get("ffn_hidden_size", 4 * d_model),
        max_length=hf.get("max_position_embeddings"),
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        residual=residual,
        activation=hf.activation("activation") if hf.get("activation") else "gelu",
        ffn_bias=bias,
        qkv_bias=bias,
        out_bias=bias,
        position="rotary",
        **hf.rotary(),
    )
    weights.drop_prefix("transformer.")
    found = {"W_E": weights.take("word_embeddings.weight")} | norm(weights, "ln_f", "decoder.final_norm")
    for i in range(config.n_layers):
        found |= _block(weights, f"h.{i}", f"decoder.blocks.{i}", config)
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(True))


def _residual(hf: Settings, grouped: bool) -> Residual:
    if not hf.get("parallel_attn", True):
        return "sequential"
    return "parallel" if hf.get("num_ln_in_parallel_attn", 2 if grouped else 1) == 2 else "parallel-shared-norm"


def _block(weights: Weights, source: str, target: str, config: Config) -> dict[str, Tensor]:
    def biased(name: str) -> str | None:
        return f"{target}.{name}" if config.qkv_bias else None

    queries = config.n_heads // config.kv_heads
    attention = f"{source}.self_attention"
    qkv = dense(weights, f"{attention}.query_key_value", f"{target}.attn.W_QKV", biased("attn.b_QKV"))
    found = {name: ungroup(x, config.kv_heads, queries, config.head_size) for name, x in qkv.items()}
    found |= dense(weights, f"{attention}.dense", f"{target}.attn.W_O", biased("attn.b_O"))
    found |= dense(weights, f"{source}.mlp.dense_h_to_4h", f"{target}.ffn.W_in", biased("ffn.b_in"))
    found |= dense(weights, f"{source}.mlp.dense_4h_to_h", f"{target}.ffn.W_out", biased("ffn.b_out"))
    names = {
        "sequential": ("input_layernorm", "post_attention_layernorm"),
        "parallel": ("ln_attn", "ln_mlp"),
        "parallel-shared-norm": ("input_layernorm",),
    }[config.residual]
    for number, name in enumerate(names, start=1):
        found |= norm(weights, f"{source}.{name}", f"{target}.norm{number}")
    return found

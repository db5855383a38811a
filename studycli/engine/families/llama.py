"""Llama, and Mixtral with experts: rotary positions, grouped queries, RMSNorm and SwiGLU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, side_by_side, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """LlamaForCausalLM or MixtralForCausalLM."""
    bias, ffn_bias = hf.get("attention_bias", False), hf.get("mlp_bias", False)
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["hidden_size"],
        n_layers=hf["num_hidden_layers"],
        n_heads=hf["num_attention_heads"],
        n_kv_heads=hf.get("num_key_value_heads"),
        d_head=hf.get("head_dim"),
        d_ff=hf["intermediate_size"],
        max_length=hf.get("max_position_embeddings"),
        norm="rms",
        norm_eps=hf.get("rms_norm_eps", 1e-6),
        activation=hf.activation("hidden_act"),
        gated=True,
        ffn_bias=ffn_bias,
        qkv_bias=bias,
        out_bias=bias,
        position="rotary",
        **hf.rotary(),
        **_mixtral(hf),
    )
    weights.drop_prefix("model.")
    weights.drop(r"layers\.\d+\.self_attn\.rotary_emb\.inv_freq")
    found = {"W_E": weights.take("embed_tokens.weight")} | norm(weights, "norm", "decoder.final_norm", bias=False)
    for i in range(config.n_layers):
        source, target = f"layers.{i}", f"decoder.blocks.{i}"
        attention = [f"{source}.self_attn.{part}_proj" for part in "qkv"]
        b_QKV, b_O = (f"{target}.attn.b_QKV", f"{target}.attn.b_O") if bias else (None, None)
        found |= side_by_side(dense(weights, part, f"{target}.attn.W_QKV", b_QKV) for part in attention)
        found |= dense(weights, f"{source}.self_attn.o_proj", f"{target}.attn.W_O", b_O)
        found |= norm(weights, f"{source}.input_layernorm", f"{target}.norm1", bias=False)
        found |= norm(weights, f"{source}.post_attention_layernorm", f"{target}.norm2", bias=False)
        found |= (
            _experts(weights, source, target, config) if config.n_experts else _ffn(weights, source, target, ffn_bias)
        )
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(False))


def _mixtral(hf: Settings) -> dict[str, Any]:
    if hf["model_type"] != "mixtral":
        return {}
    found = {"n_experts": hf["num_local_experts"], "experts_per_token": hf["num_experts_per_tok"]}
    # Theirs counts the query's own position in, ours is the reach beyond it.
    window = hf.get("sliding_window")
    return found if window is None else found | {"attention": "window", "window": window - 1}


def _ffn(weights: Weights, source: str, target: str, bias: bool) -> dict[str, Tensor]:
    b_in, b_out = (f"{target}.ffn.b_in", f"{target}.ffn.b_out") if bias else (None, None)
    parts = (f"{source}.mlp.gate_proj", f"{source}.mlp.up_proj")
    found = side_by_side(dense(weights, part, f"{target}.ffn.W_in", b_in) for part in parts)
    return found | dense(weights, f"{source}.mlp.down_proj", f"{target}.ffn.W_out", b_out)


def _experts(weights: Weights, source: str, target: str, config: Config) -> dict[str, Tensor]:
    gate_up, down = [], []
    for expert in range(config.n_experts):
        name = f"{source}.block_sparse_moe.experts.{expert}"
        gate_up.append(torch.cat((weights.matrix(f"{name}.w1"), weights.matrix(f"{name}.w3")), dim=-1))
        down.append(weights.matrix(f"{name}.w2"))  # (d_ff, d_model)
    return {
        f"{target}.ffn.W_router": weights.matrix(f"{source}.block_sparse_moe.gate"),  # (d_model, experts)
        f"{target}.ffn.W_in": torch.stack(gate_up),  # (experts, d_model, 2 d_ff)
        f"{target}.ffn.W_out": torch.stack(down),  # (experts, d_ff, d_model)
    }

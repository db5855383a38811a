"""GPT-NeoX (Pythia): partial rotary positions, attention and feed-forward in parallel after a norm each."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, ungroup, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """GPTNeoXForCausalLM."""
    bias = hf.get("attention_bias", True)
    d_head = hf["hidden_size"] // hf["num_attention_heads"]
    share = hf.inner("rope_parameters").get("partial_rotary_factor", hf.get("rotary_pct", 0.25))
    rotary = hf.rotary()
    if not hf.get("rope_parameters"):
        rotary["rotary_base"] = float(hf.get("rotary_emb_base", 10_000))
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["hidden_size"],
        n_layers=hf["num_hidden_layers"],
        n_heads=hf["num_attention_heads"],
        d_ff=hf["intermediate_size"],
        max_length=hf.get("max_position_embeddings"),
        norm_eps=hf.get("layer_norm_eps", 1e-5),
        residual="parallel" if hf.get("use_parallel_residual", True) else "sequential",
        activation=hf.activation("hidden_act"),
        qkv_bias=bias,
        out_bias=bias,
        position="rotary",
        rotary_dim=int(d_head * share),
        **rotary,
    )
    weights.drop_prefix("gpt_neox.")
    weights.drop(r"layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)")
    found = {"W_E": weights.take("embed_in.weight")} | norm(weights, "final_layer_norm", "decoder.final_norm")
    for i in range(config.n_layers):
        source, target = f"layers.{i}", f"decoder.blocks.{i}"
        b_QKV, b_O = (f"{target}.attn.b_QKV", f"{target}.attn.b_O") if bias else (None, None)
        qkv = dense(weights, f"{source}.attention.query_key_value", f"{target}.attn.W_QKV", b_QKV)
        found |= {name: ungroup(x, config.n_heads, 1, d_head) for name, x in qkv.items()}
        found |= dense(weights, f"{source}.attention.dense", f"{target}.attn.W_O", b_O)
        found |= dense(weights, f"{source}.mlp.dense_h_to_4h", f"{target}.ffn.W_in", f"{target}.ffn.b_in")
        found |= dense(weights, f"{source}.mlp.dense_4h_to_h", f"{target}.ffn.W_out", f"{target}.ffn.b_out")
        found |= norm(weights, f"{source}.input_layernorm", f"{target}.norm1")
        found |= norm(weights, f"{source}.post_attention_layernorm", f"{target}.norm2")
    return with_unembedding(config, found, weights, "embed_out", tied=hf.tied(False))

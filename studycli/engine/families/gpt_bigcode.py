"""GPTBigCode (StarCoder): GPT-2 with one key and one value head for all queries."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, ungroup, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """GPTBigCodeForCausalLM or GPTBigCodeModel."""
    hf.refuse("add_cross_attention", False)
    shared = hf.get("multi_query", True)
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["n_embd"],
        n_layers=hf["n_layer"],
        n_heads=hf["n_head"],
        n_kv_heads=1 if shared else None,
        d_ff=hf.get("n_inner", 4 * hf["n_embd"]),
        max_length=hf["n_positions"],
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        activation=hf.activation("activation_function"),
        attention_scale=None if hf.get("scale_attn_weights", True) else 1.0,
    )
    weights.drop_prefix("transformer.")
    weights.drop(r"h\.\d+\.attn\.(bias|masked_bias)")
    found = {"W_E": weights.take("wte.weight"), "decoder.W_pos": weights.take("wpe.weight")} | norm(
        weights, "ln_f", "decoder.final_norm"
    )
    for i in range(config.n_layers):
        source, target = f"h.{i}", f"decoder.blocks.{i}"
        qkv = dense(weights, f"{source}.attn.c_attn", f"{target}.attn.W_QKV", f"{target}.attn.b_QKV")
        if not shared:
            qkv = {name: ungroup(x, config.n_heads, 1, config.head_size) for name, x in qkv.items()}
        found |= qkv
        found |= dense(weights, f"{source}.attn.c_proj", f"{target}.attn.W_O", f"{target}.attn.b_O")
        found |= dense(weights, f"{source}.mlp.c_fc", f"{target}.ffn.W_in", f"{target}.ffn.b_in")
        found |= dense(weights, f"{source}.mlp.c_proj", f"{target}.ffn.W_out", f"{target}.ffn.b_out")
        found |= norm(weights, f"{source}.ln_1", f"{target}.norm1") | norm(weights, f"{source}.ln_2", f"{target}.norm2")
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(True))

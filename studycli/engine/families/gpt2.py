"""GPT-2: learned positions, pre-norm, weights already laid out (in, out)."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, norm, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """GPT2LMHeadModel or GPT2Model."""
    hf.refuse("add_cross_attention", False)
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["n_embd"],
        n_layers=hf["n_layer"],
        n_heads=hf["n_head"],
        d_ff=hf.get("n_inner", 4 * hf["n_embd"]),
        max_length=hf["n_positions"],
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        activation=hf.activation("activation_function"),
        attention_scale=None if hf.get("scale_attn_weights", True) else 1.0,
        scale_by_layer=hf.get("scale_attn_by_inverse_layer_idx", False),
    )
    weights.drop_prefix("transformer.")
    weights.drop(r"h\.\d+\.attn\.(bias|masked_bias)")
    found = {"W_E": weights.take("wte.weight"), "decoder.W_pos": weights.take("wpe.weight")} | norm(
        weights, "ln_f", "decoder.final_norm"
    )
    for i in range(config.n_layers):
        source, target = f"h.{i}", f"decoder.blocks.{i}"
        for theirs, W, b in (
            ("attn.c_attn", "attn.W_QKV", "attn.b_QKV"),
            ("attn.c_proj", "attn.W_O", "attn.b_O"),
            ("mlp.c_fc", "ffn.W_in", "ffn.b_in"),
            ("mlp.c_proj", "ffn.W_out", "ffn.b_out"),
        ):
            found[f"{target}.{W}"] = weights.take(f"{source}.{theirs}.weight")  # (in, out)
            found[f"{target}.{b}"] = weights.take(f"{source}.{theirs}.bias")  # (out)
        found |= norm(weights, f"{source}.ln_1", f"{target}.norm1") | norm(weights, f"{source}.ln_2", f"{target}.norm2")
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(True))

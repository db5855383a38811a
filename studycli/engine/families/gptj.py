"""GPT-J: interleaved partial rotary positions, attention and feed-forward in parallel after one norm."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, side_by_side, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """GPTJForCausalLM."""
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["n_embd"],
        n_layers=hf["n_layer"],
        n_heads=hf["n_head"],
        d_ff=hf.get("n_inner", 4 * hf["n_embd"]),
        max_length=hf.get("n_positions"),
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        residual="parallel-shared-norm",
        activation=hf.activation("activation_function"),
        qkv_bias=False,
        out_bias=False,
        position="rotary",
        rotary_dim=hf["rotary_dim"],
        rotary_style="interleaved",
        unembed_bias=True,
    )
    weights.drop_prefix("transformer.")
    weights.drop(r"h\.\d+\.attn\.(bias|masked_bias)")
    found = {"W_E": weights.take("wte.weight")} | norm(weights, "ln_f", "decoder.final_norm")
    for i in range(config.n_layers):
        source, target = f"h.{i}", f"decoder.blocks.{i}"
        parts = [f"{source}.attn.{part}_proj" for part in "qkv"]
        found |= side_by_side(dense(weights, part, f"{target}.attn.W_QKV", None) for part in parts)
        found |= dense(weights, f"{source}.attn.out_proj", f"{target}.attn.W_O", None)
        found |= dense(weights, f"{source}.mlp.fc_in", f"{target}.ffn.W_in", f"{target}.ffn.b_in")
        found |= dense(weights, f"{source}.mlp.fc_out", f"{target}.ffn.W_out", f"{target}.ffn.b_out")
        found |= norm(weights, f"{source}.ln_1", f"{target}.norm1")
    found["unembedding.b_U"] = weights.take("lm_head.bias")  # (vocab)
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(False))

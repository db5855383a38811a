"""MPT: ALiBi, and no biases anywhere."""

from __future__ import annotations

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, with_unembedding


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """MptForCausalLM or MptModel."""
    attention = hf.inner("attn_config")
    for settings, name, allowed in (
        (hf, "no_bias", True), (hf, "logit_scale", None), (attention, "alibi", True), (attention, "qk_ln", False),
        (attention, "prefix_lm", False), (attention, "attn_type", "multihead_attention"),
    ):  # fmt: skip
        settings.refuse(name, allowed)
    config = Config(
        architecture="decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["d_model"],
        n_layers=hf["n_layers"],
        n_heads=hf["n_heads"],
        d_ff=hf.get("expansion_ratio", 4) * hf["d_model"],
        max_length=hf.get("max_seq_len"),
        norm_eps=hf.get("layer_norm_epsilon", 1e-5),
        norm_bias=False,
        ffn_bias=False,
        qkv_bias=False,
        out_bias=False,
        attention_scale=attention.get("softmax_scale"),
        clip_qkv=attention.get("clip_qkv"),
        position="alibi",
        # transformers takes 8 whatever the setting says; the setting is what the model was trained with.
        alibi_max_bias=attention.get("alibi_bias_max", 8),
    )
    weights.drop_prefix("transformer.")
    found = {"W_E": weights.take("wte.weight")} | norm(weights, "norm_f", "decoder.final_norm", bias=False)
    for i in range(config.n_layers):
        source, target = f"blocks.{i}", f"decoder.blocks.{i}"
        found |= dense(weights, f"{source}.attn.Wqkv", f"{target}.attn.W_QKV", None)
        found |= dense(weights, f"{source}.attn.out_proj", f"{target}.attn.W_O", None)
        found |= dense(weights, f"{source}.ffn.up_proj", f"{target}.ffn.W_in", None)
        found |= dense(weights, f"{source}.ffn.down_proj", f"{target}.ffn.W_out", None)
        found |= norm(weights, f"{source}.norm_1", f"{target}.norm1", bias=False)
        found |= norm(weights, f"{source}.norm_2", f"{target}.norm2", bias=False)
    return with_unembedding(config, found, weights, "lm_head", tied=hf.tied(True))

"""T5, versions 1.0 and 1.1: encoder and decoder with relative positions, RMSNorm and no biases."""

from __future__ import annotations

import torch
from torch import Tensor

from studycli.engine.config import Activation, Config
from studycli.engine.families.reading import Settings, Weights, dense, norm, side_by_side, with_unembedding
from studycli.errors import EngineError

# By a rule of T5's own, gated-gelu means the tanh form, and gelu alone the exact one.
_ACTIVATIONS: dict[str, Activation] = {
    "relu": "relu",
    "gelu": "gelu",
    "silu": "silu",
    "gated-relu": "relu",
    "gated-gelu": "gelu_tanh",
    "gated-silu": "silu",
}


def read(hf: Settings, weights: Weights) -> tuple[Config, dict[str, Tensor]]:
    """T5ForConditionalGeneration. Version 1.0 scales the logits by d_model^-0.5 and uses ReLU, 1.1 a gated GELU."""
    act = hf.get("feed_forward_proj", "relu")
    if act not in _ACTIVATIONS:
        hint = f"known are {', '.join(_ACTIVATIONS)}"
        raise EngineError(f"feed_forward_proj = {act!r} is not known here", where=hf.where, hint=hint)
    gated = act.startswith("gated-")
    scaled = hf.get("scale_decoder_outputs", hf.tied(True))
    config = Config(
        architecture="encoder-decoder",
        vocab_size=hf["vocab_size"],
        d_model=hf["d_model"],
        n_layers=hf["num_layers"],
        n_decoder_layers=hf.get("num_decoder_layers", hf["num_layers"]),
        n_heads=hf["num_heads"],
        d_head=hf["d_kv"],
        d_ff=hf["d_ff"],
        norm="rms",
        norm_eps=hf.get("layer_norm_epsilon", 1e-6),
        activation=_ACTIVATIONS[act],
        gated=gated,
        ffn_bias=False,
        qkv_bias=False,
        out_bias=False,
        attention_scale=1.0,
        position="relative",
        relative_buckets=hf["relative_attention_num_buckets"],
        relative_max_distance=hf.get("relative_attention_max_distance", 128),
        logit_scale=hf["d_model"] ** -0.5 if scaled else 1.0,
        start_id=hf.get("decoder_start_token_id", hf.get("pad_token_id", 0)),
        pad_id=hf.get("pad_token_id", 0),
    )
    # An old release gave the first cross-attention a table that it never used.
    weights.drop(r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight")
    W_E = weights.take("shared.weight")
    for copy in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"):
        if copy in weights and not torch.equal(weights.take(copy), W_E):
            hint = "encoder and decoder share one table here"
            raise EngineError(f"{copy} differs from shared.weight", where=weights.where, hint=hint)
    found = {"W_E": W_E}
    for side, layers in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        table = f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        found[f"{side}.relative"] = weights.take(table)  # (buckets, heads)
        found |= norm(weights, f"{side}.final_layer_norm", f"{side}.final_norm", bias=False)
        for i in range(layers):
            found |= _block(weights, f"{side}.block.{i}.layer", f"{side}.blocks.{i}", gated, cross=side == "decoder")
    # Where the file has no output layer, Hugging Face ties it, whatever the config says.
    return with_unembedding(config, found, weights, "lm_head", tied=True)


def _block(weights: Weights, source: str, target: str, gated: bool, *, cross: bool) -> dict[str, Tensor]:
    found = _attention(weights, f"{source}.0.SelfAttention", f"{target}.attn")
    found |= norm(weights, f"{source}.0.layer_norm", f"{target}.norm1", bias=False)
    if cross:
        found |= _attention(weights, f"{source}.1.EncDecAttention", f"{target}.cross_attn")
        found |= norm(weights, f"{source}.1.layer_norm", f"{target}.cross_norm", bias=False)
    last = 2 if cross else 1
    names = ("wi_0", "wi_1") if gated else ("wi",)
    ffn = f"{source}.{last}.DenseReluDense"
    found |= side_by_side(dense(weights, f"{ffn}.{name}", f"{target}.ffn.W_in", None) for name in names)
    found |= dense(weights, f"{ffn}.wo", f"{target}.ffn.W_out", None)
    return found | norm(weights, f"{source}.{last}.layer_norm", f"{target}.norm2", bias=False)


def _attention(weights: Weights, source: str, target: str) -> dict[str, Tensor]:
    found = side_by_side(dense(weights, f"{source}.{part}", f"{target}.W_QKV", None) for part in "qkv")
    return found | dense(weights, f"{source}.o", f"{target}.W_O", None)

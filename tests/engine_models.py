"""Small models of every make, with weights that hide nothing."""

from __future__ import annotations

from dataclasses import replace

import torch

from studycli.engine import Config, Transformer

PLAIN = Config(architecture="decoder", vocab_size=23, d_model=24, n_layers=2, n_heads=6, d_ff=40, max_length=48)
CROSS = Config(
    architecture="encoder-decoder",
    vocab_size=23,
    d_model=24,
    n_layers=2,
    n_heads=4,
    d_ff=32,
    norm="rms",
    position="relative",
    relative_buckets=8,
    relative_max_distance=12,
    start_id=1,
)
ENCODER = replace(
    PLAIN, architecture="encoder", n_decoder_layers=None, norm_position="post", n_segments=2, mlm_head=True
)

DECODERS: dict[str, Config] = {
    "learned": PLAIN,
    "sinusoidal": replace(PLAIN, position="sinusoidal"),
    "rotary": replace(PLAIN, position="rotary", rotary_dim=2, n_kv_heads=2, d_head=8, norm="rms", qkv_bias=False),
    "interleaved": replace(PLAIN, position="rotary", rotary_style="interleaved", residual="parallel"),
    "alibi": replace(PLAIN, position="alibi", n_kv_heads=1, embedding_norm=True, tied=False),
    "relative": replace(PLAIN, position="relative", relative_buckets=8, residual="parallel-shared-norm"),
    "none": replace(PLAIN, position="none", clip_qkv=1.0, attention_scale=0.3),
    "experts": replace(PLAIN, n_experts=4, ffn_bias=False, gated=True, activation="silu"),
    "post-norm": replace(PLAIN, norm_position="post", scale_by_layer=True),
    "tiled": replace(PLAIN, attention="tiled", tile=3, position="alibi"),
    "window": replace(PLAIN, attention="window", window=3),
    "sparse": replace(PLAIN, attention="sparse", window=2, global_tokens=2, n_kv_heads=3),
    "linear": replace(PLAIN, attention="linear"),
    "attention-only": replace(PLAIN, d_ff=0),
    "attention-only-post": replace(PLAIN, d_ff=0, norm_position="post"),
}
ENCODER_DECODERS: dict[str, Config] = {
    "relative": CROSS,
    "learned": replace(CROSS, position="learned", max_length=48, norm="layer", n_decoder_layers=3, n_kv_heads=2),
    "attention-only": replace(CROSS, d_ff=0),
}


def build(config: Config, seed: int = 0, dtype: torch.dtype = torch.float32, spread: float = 0.3) -> Transformer:
    """A model whose every parameter is drawn: matrices from N(0, spread), vectors jittered around where they start."""
    model = Transformer(config)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in model.parameters():
            noise = torch.randn(weights.shape, generator=random)
            weights.copy_(spread * noise if weights.dim() > 1 else weights + 0.1 * noise)
    return model.to(dtype).eval()


def ids(*shape: int, seed: int = 0, vocab: int = 23) -> torch.Tensor:
    """Random token ids."""
    return torch.randint(vocab, shape, generator=torch.Generator().manual_seed(seed))

"""Small random models of Hugging Face transformers, saved as checkpoints, and batches to run them on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read once, when transformers is imported


def build(model_class: str, **options: Any) -> PreTrainedModel:
    """A model with eager attention, float32, ready for evaluation. transformers is imported here, as it is slow."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    family = getattr(transformers, model_class)
    config = family.config_class(**options, attn_implementation="eager", dtype="float32")
    return family(config).float().eval()


def untied_t5(**options: Any) -> PreTrainedModel:
    """T5 v1.1 as its checkpoints have it: the output matrix is its own, and the config says so by scaling nothing."""
    model = T5(feed_forward_proj="gated-gelu", tie_word_embeddings=False, **options)
    model.lm_head.weight = torch.nn.Parameter(model.shared.weight.clone())  # (vocab, d_model)
    return model


GPT2 = partial(build, "GPT2LMHeadModel", n_embd=48, n_head=6, n_layer=2, n_positions=32, vocab_size=61)
BERT: dict[str, Any] = {
    "hidden_size": 36,
    "num_attention_heads": 6,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "vocab_size": 67,
    "type_vocab_size": 3,
    "max_position_embeddings": 32,
}
T5 = partial(
    build,
    "T5ForConditionalGeneration",
    d_model=32,
    d_kv=12,
    num_heads=4,
    d_ff=40,
    num_layers=3,
    num_decoder_layers=2,
    vocab_size=71,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=12,
    decoder_start_token_id=3,  # real ones start with the padding token, 0, which would hide who looks where
)
LLAMA = partial(
    build,
    "LlamaForCausalLM",
    hidden_size=32,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=12,
    intermediate_size=40,
    num_hidden_layers=2,
    vocab_size=73,
    max_position_embeddings=64,
    rms_norm_eps=1e-5,
)
MIXTRAL = partial(
    build,
    "MixtralForCausalLM",
    hidden_size=32,
    num_attention_heads=4,
    num_key_value_heads=2,
    intermediate_size=24,
    num_hidden_layers=2,
    num_local_experts=4,
    num_experts_per_tok=2,
    vocab_size=73,
    max_position_embeddings=64,
)
BIGCODE = partial(build, "GPTBigCodeForCausalLM", n_embd=48, n_head=6, n_layer=2, n_positions=32, vocab_size=79)
FALCON = partial(
    build,
    "FalconForCausalLM",
    hidden_size=48,
    num_attention_heads=6,
    num_hidden_layers=2,
    vocab_size=83,
    max_position_embeddings=64,
)
NEOX = partial(
    build,
    "GPTNeoXForCausalLM",
    hidden_size=48,
    intermediate_size=40,
    num_hidden_layers=2,
    vocab_size=89,
    max_position_embeddings=64,
)
MPT = partial(build, "MptForCausalLM", d_model=48, n_heads=6, n_layers=2, max_seq_len=64, vocab_size=97)

# Of the rotary frequencies of LLAMA, this scaling keeps one, blends one and slows the others.
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}

FAMILIES: dict[str, Callable[[], PreTrainedModel]] = {
    "gpt2": GPT2,
    "gpt2-scaled-by-layer": partial(GPT2, scale_attn_by_inverse_layer_idx=True),
    "bert": partial(build, "BertModel", **BERT),
    "bert-mlm": partial(build, "BertForMaskedLM", **BERT),
    "bert-classifier": partial(build, "BertForSequenceClassification", num_labels=3, **BERT),
    "t5-v1.0": partial(T5, feed_forward_proj="relu"),
    "t5-v1.1": partial(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    "t5-v1.1-untied": untied_t5,
    "llama": LLAMA,
    "llama-llama3-rope": partial(LLAMA, rope_parameters=LLAMA3_ROPE),
    "llama-linear-rope": partial(LLAMA, rope_parameters={"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0}),
    "llama-biases-tied": partial(LLAMA, attention_bias=True, mlp_bias=True, tie_word_embeddings=True),
    "mixtral": MIXTRAL,
    "mixtral-window": partial(MIXTRAL, sliding_window=5),
    "bloom": partial(build, "BloomForCausalLM", hidden_size=48, n_head=6, n_layer=2, vocab_size=97),
    "mpt": MPT,
    "mpt-clipped": partial(MPT, attn_config={"clip_qkv": 0.7, "softmax_scale": 0.5}),
    "gpt-bigcode": partial(BIGCODE, multi_query=True),
    "gpt-bigcode-multi-head": partial(BIGCODE, multi_query=False),
    "falcon-7b": partial(FALCON, multi_query=True, parallel_attn=True),
    "falcon-40b": partial(FALCON, new_decoder_architecture=True, num_kv_heads=2),
    "falcon-40b-one-norm": partial(FALCON, new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1),
    "falcon-sequential": partial(FALCON, multi_query=False, parallel_attn=False, bias=True),
    "gpt-neox": partial(
        NEOX, num_attention_heads=4, rope_parameters={"rope_theta": 10_000.0, "partial_rotary_factor": 0.5}
    ),
    "gpt-neox-sequential": partial(
        NEOX,
        num_attention_heads=3,
        rope_parameters={"rope_theta": 10_000.0, "partial_rotary_factor": 0.25},
        use_parallel_residual=False,
    ),
    "gpt-j": partial(
        build, "GPTJForCausalLM", n_embd=48, n_head=4, n_layer=2, rotary_dim=8, n_positions=64, vocab_size=97
    ),
}
ENCODERS = tuple(name for name in FAMILIES if name.startswith("bert"))
ENCODER_DECODERS = tuple(name for name in FAMILIES if name.startswith("t5"))
DECODERS = tuple(name for name in FAMILIES if name not in ENCODERS + ENCODER_DECODERS)


@torch.no_grad()
def randomise(model: PreTrainedModel, seed: int = 4, spread: float = 0.15) -> PreTrainedModel:
    """Draw every parameter anew, in place: the default initialisation is so small and even that it hides errors.

    Matrices, embeddings and tables of relative biases get the standard deviation `spread`, norm weights are 1 and
    biases 0 with a standard deviation of 0.1. Tied weights stay tied.
    """
    random = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=random)
        if parameter.dim() >= 2:
            parameter.copy_(spread * noise)
        else:
            parameter.copy_((0.0 if name.endswith("bias") else 1.0) + 0.1 * noise)
    return model


def save(model: PreTrainedModel, folder: Path) -> Path:
    """The folder, with config.json and safetensors in it."""
    model.save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Batch:
    """Token ids for one forward pass, the padding's too, which are as random as the others.

    `kept` is what the mask keeps, (batch, seq), True where there is no mask.
    """

    input_ids: Tensor  # (batch, seq)
    attention_mask: Tensor | None  # (batch, seq), long
    decoder_input_ids: Tensor | None  # (batch, decoder seq)
    kept: Tensor  # (batch, seq)

    @property
    def inputs(self) -> dict[str, Tensor]:
        """Keyword arguments for a forward pass, of Hugging Face's or ours."""
        given = {
            "input_ids": self.input_ids,
            "attention_mask": self.attention_mask,
            "decoder_input_ids": self.decoder_input_ids,
        }
        return {name: ids for name, ids in given.items() if ids is not None}

    @property
    def kept_targets(self) -> Tensor:
        """`kept` for the positions of the output, (batch, seq) or (batch, decoder seq)."""
        if self.decoder_input_ids is None:
            return self.kept
        return torch.ones_like(self.decoder_input_ids, dtype=torch.bool)


def batch(
    model: PreTrainedModel, padding: str = "none", *, seed: int = 0, lengths: tuple[int, ...] = (17, 11, 2)
) -> Batch:
    """One row for each of `lengths`, padded on the `right` or the `left`; with `none`, all rows have the greatest."""
    random = torch.Generator().manual_seed(seed)
    rows, seq = len(lengths), max(lengths)
    places = torch.arange(seq).expand(rows, seq)  # (batch, seq)
    length = torch.tensor(lengths)[:, None]  # (batch, 1)
    kept = {"none": places >= 0, "right": places < length, "left": places >= seq - length}[padding]  # (batch, seq)
    vocabulary = model.config.vocab_size
    decoder_input_ids = torch.randint(vocabulary, (rows, 15), generator=random)  # (batch, decoder seq)
    return Batch(
        input_ids=torch.randint(vocabulary, (rows, seq), generator=random),
        attention_mask=None if padding == "none" else kept.long(),
        decoder_input_ids=decoder_input_ids if model.config.is_encoder_decoder else None,
        kept=kept,
    )

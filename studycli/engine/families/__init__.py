"""Families: how the checkpoints of each Hugging Face architecture become a Config and this engine's tensors."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.families import bert, bloom, falcon, gpt2, gpt_bigcode, gpt_neox, gptj, llama, mpt, t5
from studycli.engine.families.reading import Settings, Weights

Reader = Callable[[Settings, Weights], tuple[Config, dict[str, Tensor]]]

FAMILIES: dict[str, Reader] = {
    "bert": bert.read,
    "bloom": bloom.read,
    "falcon": falcon.read,
    "gpt2": gpt2.read,
    "gpt_bigcode": gpt_bigcode.read,
    "gpt_neox": gpt_neox.read,
    "gptj": gptj.read,
    "llama": llama.read,
    "mixtral": llama.read,
    "mpt": mpt.read,
    "t5": t5.read,
}
"""By the `model_type` in config.json."""

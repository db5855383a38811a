"""Schedule: the learning rate of each step, up along a line and down along a cosine."""

from __future__ import annotations

import math

from studycli.errors import EngineError


def learning_rate(step: int, *, peak: float, warmup: int, total: int, floor: float = 0.0) -> float:
    """The rate after `step` of `total` steps: 0 to `peak` over `warmup` steps, then half a cosine down to `floor`.

    Loshchilov and Hutter 2017, equation 5, without restarts. Past the end it stays at the floor. Raises EngineError
    for a warm-up that is longer than everything.
    """
    if not 0 <= warmup <= total:
        raise EngineError(f"the warm-up is {warmup} of {total} steps", where="warmup", hint="take between 0 and all")
    if step < warmup:
        return peak * step / warmup
    progress = min((step - warmup) / max(total - warmup, 1), 1.0)
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2

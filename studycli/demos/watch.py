"""Watch: counts what torch really does: the operations of matrix products, and the bytes of the largest tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

_FUSED = "_scaled_dot_product_"
_PRODUCTS = ("mm", "bmm")


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is entered, it adds up `flops` and keeps the `largest` storage, in bytes, that an operation gave.

    2 floating-point operations for each multiply-add of a matrix product, those within the fused attention kernel
    counted as its two products. What a kernel holds inside, a block at a time, is not seen.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = 0
        self.largest = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: torch would wrap this class for its compiler, whose import alone takes a second."""
        return False

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the operation gives
        """Do the operation and count it."""
        result = func(*args, **(kwargs or {}))
        outputs = result if isinstance(result, tuple | list) else (result,)
        for output in outputs:
            if isinstance(output, Tensor):
                self.largest = max(self.largest, output.untyped_storage().nbytes())
        self.flops += _flops(func.__name__.partition(".")[0], args)
        return result


def _flops(name: str, args: Sequence[Any]) -> int:
    if name in _PRODUCTS:
        left, right = args[:2]
        return int(2 * left.numel() * right.shape[-1])
    if name.startswith(_FUSED):
        q, k, v = args[:3]
        scores = q.shape[:-1].numel() * k.shape[-2]
        return int(2 * scores * (q.shape[-1] + v.shape[-1]))
    return 0


def watched(compute: Callable[[], object]) -> Watch:
    """What a computation does, without gradients."""
    watch = Watch()
    with torch.no_grad(), watch:
        compute()
    return watch

"""Random numbers that depend on a seed and on nothing else."""

from __future__ import annotations

import hashlib

import torch


def generator(seed: int, *names: str) -> torch.Generator:
    """A CPU generator for `seed` and what the numbers are for; the same on every machine and in every process.

    Draw on the CPU and move the result, so that every device computes on the same numbers.
    """
    key = "\0".join((str(seed), *names)).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(key, digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)

"""The engine beside Hugging Face transformers on the same weights: forward, generation, traces, memory, and a GPU."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.timing import by_turns
from studycli.engine import Trace, Transformer, generate, load_pretrained

SMALL = {"n_embd": 192, "n_layer": 4, "n_head": 6, "vocab_size": 4096}
NEW_TOKENS, PROMPT = 64, 16


def run() -> Iterator[str]:
    """One line for each comparison; the limit is what the project has set itself."""
    yield f"torch {torch.__version__}, {torch.get_num_threads()} threads"
    with tempfile.TemporaryDirectory() as folder:
        for name, sizes, limit in (("GPT-2 small", {}, 1.3), ("4 layers x 192", SMALL, 3.0)):
            path = Path(folder) / name
            theirs = _save(path, sizes)
            ours = load_pretrained(path)
            yield from _forward(name, theirs, ours)
            yield from _generation(name, theirs, ours, path, limit)
            if sizes:
                yield from _traced(name, theirs, ours)
            else:
                yield _memory(path)
            yield from _gpu(name, path)


def _save(folder: Path, sizes: dict[str, int]) -> Any:  # noqa: ANN401
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, attn_implementation="sdpa")).eval()
    model.generation_config.eos_token_id = None
    model.save_pretrained(folder)
    return model


def _ids(tokens: int, device: str = "cpu") -> Tensor:
    return torch.randint(4000, (1, tokens), generator=torch.Generator().manual_seed(1)).to(device)


def _forward(name: str, theirs: Any, ours: Transformer) -> Iterator[str]:  # noqa: ANN401
    x = _ids(128)
    with torch.inference_mode():
        peer, mine = by_turns(lambda: theirs(x), lambda: ours(x), rounds=15)
    yield _line(f"{name}, forward of 128 tokens", mine, peer, "transformers (SDPA)", 1.0)


def _generation(name: str, theirs: Any, ours: Transformer, path: Path, limit: float) -> Iterator[str]:  # noqa: ANN401
    x = _ids(PROMPT)
    half = load_pretrained(path, dtype="bfloat16")
    floors = [_floor(ours, transposed=False), _floor(ours, transposed=True), _floor(half, transposed=False)]
    with torch.inference_mode():
        # All by turns, the bare products too: memory bandwidth is what a shared machine varies most.
        peer, mine, in_bf16, *bare = by_turns(
            lambda: _generate(theirs, x), lambda: generate(ours, x, NEW_TOKENS), lambda: generate(half, x, NEW_TOKENS),
            *floors, rounds=7,
        )  # fmt: skip
    what = f"{name}, {NEW_TOKENS} tokens with cache, a token"
    yield _line(what, mine / NEW_TOKENS, peer / NEW_TOKENS, "transformers' generate", limit)
    in_out, out_in, half_floor = (f"{1000 * seconds / NEW_TOKENS:.2f} ms" for seconds in bare)
    yield f"   the bare matrix-vector products of a token: {in_out} with (in, out) weights, {out_in} with (out, in)"
    yield f"   in bfloat16: {1000 * in_bf16 / NEW_TOKENS:.2f} ms a token, of which the bare products are {half_floor}"


def _generate(model: Any, x: Tensor) -> Tensor:  # noqa: ANN401
    return model.generate(x, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=0)


def _floor(model: Transformer, *, transposed: bool) -> Callable[[], object]:
    """Every matrix of the model times one vector, for each new token: what memory bandwidth allows."""
    names = ("W_QKV", "W_O", "W_in", "W_out")
    matrices = [weights.detach() for name, weights in model.named_parameters() if name.endswith(names)]  # (in, out)
    matrices.append(model.W_E.detach().t())  # (d_model, vocab)
    if transposed:
        matrices = [weights.t().contiguous().t() for weights in matrices]
    vectors = {weights.shape[0]: torch.ones(1, weights.shape[0], dtype=model.dtype) for weights in matrices}
    return lambda: [
        functional.linear(vectors[weights.shape[0]], weights.t()) for _ in range(NEW_TOKENS) for weights in matrices
    ]


def _traced(name: str, theirs: Any, ours: Transformer) -> Iterator[str]:  # noqa: ANN401
    x = _ids(48)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        peer, plain, traced = by_turns(
            lambda: theirs(x, output_attentions=True, output_hidden_states=True),
            lambda: ours(x),
            lambda: ours(x, trace=Trace()),
            rounds=31,
        )
    theirs.set_attn_implementation("sdpa")
    trace = Trace()
    ours(x, trace=trace)
    what = f"{name}, traced forward of 48 tokens ({len(trace)} values)"
    yield f"{what}: {traced / plain:.2f} x an untraced one (limit 2.5)"
    yield _line("   the same", traced, peer, "transformers with attentions and hidden states", 1.0)


def _memory(path: Path) -> str:
    """Peak memory of fresh processes that trace 1,024 tokens for one layer and head, or trace nothing."""
    peaks = {}
    for what in ("forward", "trace"):
        command = [sys.executable, "-m", "benchmarks.engine", what, str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks[what] = float(done.stdout)
    return (
        f"GPT-2 small, 1,024 tokens traced for one layer and head: {peaks['trace'] - peaks['forward']:+.0f} MB beside "
        f"an untraced pass (limit 50), which peaks {peaks['forward']:.0f} MB above the loaded model (206 MB are logits)"
    )


def _peak(what: str, path: str) -> float:
    """Megabytes that a pass adds to the process at its peak (Linux)."""
    model = load_pretrained(path)
    x = _ids(1024)
    with torch.inference_mode():
        model(x[:, :8])
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        before = _status("VmRSS")
        model(x) if what == "forward" else model(x, trace=Trace(only="decoder.blocks.5.attn.pattern[head=3]"))
    return (_status("VmHWM") - before) / 1000


def _status(name: str) -> float:
    """A line of the process's status, in kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _gpu(name: str, path: Path) -> Iterator[str]:
    if not torch.cuda.is_available():
        yield f"{name} on a GPU: not measured, there is none here"
        return
    import transformers

    from studycli.engine.graph import generate_greedily

    ours = load_pretrained(path, device="cuda", dtype="bfloat16")
    theirs = transformers.GPT2LMHeadModel.from_pretrained(path, dtype=torch.bfloat16, attn_implementation="sdpa").cuda()
    theirs.generation_config.eos_token_id = None
    x = _ids(PROMPT, "cuda")

    def timed(function: Callable[[], object]) -> Callable[[], object]:
        return lambda: (function(), torch.cuda.synchronize())

    with torch.inference_mode():
        peer, plain, replayed = by_turns(
            timed(lambda: _generate(theirs, x)), timed(lambda: generate(ours, x, NEW_TOKENS)),
            timed(lambda: generate_greedily(ours, x, NEW_TOKENS)), rounds=7,
        )  # fmt: skip
    size = sum(weights.nbytes for weights in ours.parameters())
    bandwidth = _bandwidth()
    yield f"{name}, bfloat16 on {torch.cuda.get_device_name()}: {NEW_TOKENS / replayed:.0f} tokens/s with a CUDA graph"
    yield f"   {NEW_TOKENS / plain:.0f} without, {NEW_TOKENS / peer:.0f} by transformers' generate"
    yield f"   the limit of its memory, {bandwidth / 1e9:.0f} GB/s as measured: {bandwidth / size:.0f} tokens/s"


def _bandwidth() -> float:
    """Bytes a second that the GPU copies, read and written."""
    x = torch.empty(2**28, dtype=torch.uint8, device="cuda")
    y = torch.empty_like(x)
    seconds = []
    for _ in range(20):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        y.copy_(x)
        end.record()
        torch.cuda.synchronize()
        seconds.append(start.elapsed_time(end) / 1000)
    return 2 * x.nbytes / median(seconds)


def _line(what: str, mine: float, peer: float, name: str, limit: float) -> str:
    ratio = f"{peer / mine:.2f} times as fast as {name}"
    return f"{what}: {1000 * mine:.2f} ms, {ratio} ({1000 * peer:.2f} ms; goal {limit:g})"


if __name__ == "__main__":
    print(_peak(*sys.argv[1:]))

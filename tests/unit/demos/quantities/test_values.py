"""The value of every quantity, against numbers from papers, model cards, numpy or hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studycli.demos.quantities import call
from studycli.demos.quantities.catalogue import QUANTITIES


def softmax(*scores: float) -> np.ndarray:
    powers = np.exp(np.array(scores) - max(scores))
    return powers / powers.sum()


def phi(x: float) -> float:
    return (1 + math.erf(x / math.sqrt(2))) / 2


def best_size(flops: float) -> float:
    """The parameters of the lowest loss with so many FLOPs, by trying out sizes from 1 to 1,000 billion."""
    sizes = 10 ** np.linspace(9, 12, 300_001)
    losses = 482.01 / sizes**0.3478 + 2085.43 / (flops / 6 / sizes) ** 0.3658
    return float(sizes[losses.argmin()])


CHINCHILLA = best_size(5.76e23)
HALVES = softmax(1, 0.5, 0)
GIB = 1024**3

ATTENTION: dict[str, object] = {
    "softmax(scores=[2, 1, 0])": softmax(2, 1, 0),
    "softmax(scores=[2, 1, 0], temperature=2)": HALVES,
    "softmax(scores=[2, 1, 0], temperature=0)": [1, 0, 0],
    "softmax(scores=[1, -inf, 0])": [math.e / (math.e + 1), 0, 1 / (math.e + 1)],
    "attention-weights(scores=[2, 1, 0], d_k=4)": HALVES,
    "attention-weights(scores=[2, 1, 0], d_k=4, scaled=false)": softmax(2, 1, 0),
    "attention-weights(scores=[2, -inf, 2], d_k=64)": [0.5, 0, 0.5],
    "attention-weights(scores=[-7], d_k=1)": [1],
    "attention-output(scores=[2, 1, 0], values=[10, 20, 30], d_k=4)": HALVES @ [10, 20, 30],
    "attention-output(scores=[2, 1, 0], values=[10, 20, 30], d_k=4, scaled=no)": softmax(2, 1, 0) @ [10, 20, 30],
    "score-rank(d_head=64, tokens=200)": 64,
    "score-rank(d_head=64, tokens=16)": 16,
    "score-rank(d_head=64, tokens=100, d_model=24)": 24,
    "score-rank(d_head=8, tokens=100, d_model=24, seed=3)": 8,
    "softmax-gradient(scores=[2, 1, 0])": softmax(2, 1, 0) * (1 - softmax(2, 1, 0)),
    "softmax-gradient(scores=[50, 0])": [0, 0],
    "entropy(probabilities=[0.25, 0.25, 0.25, 0.25])": math.log(4),
    "entropy(probabilities=[1, 0])": 0,
    "dot(a=[1, 2, 3], b=[4, 5, 6])": 32,
    "cosine(a=[1, 0], b=[1, 1])": math.sqrt(0.5),
    "cosine(a=[2, -1], b=[-4, 2])": -1.0,
}
SIZES: dict[str, object] = {
    "parameters()": 124_439_808,
    "parameters(preset=gpt2-medium)": 354_823_168,
    "parameters(preset=gpt2-xl)": 1_557_611_200,
    "parameters(preset=bert-base)": 109_482_240,
    "parameters(preset=bert-large)": 335_141_888,
    "parameters(preset=llama-2-7b)": 6_738_415_616,
    "parameters(preset=llama-2-70b)": 68_976_648_192,
    "parameters(preset=mixtral-8x7b)": 46_702_792_704,
    "parameters(preset=t5-small)": 60_506_624,
    "parameters(preset=gpt2, d_model=1024, n_layers=24, n_heads=16)": 354_823_168,
    "parameters(preset=t5-small, n_layers=12, d_model=768, n_heads=12)": 222_903_552,
    "parameters(preset=llama-2-7b, n_heads=64, n_kv_heads=8, part=attention)": 32 * 2 * (4096**2 + 4096 * 512),
    "parameters(preset=llama-2-70b, n_heads=32, part=attention)": 80 * 4 * 8192**2,
    "parameters(preset=gpt2, vocab_size=50_304, part=token-embedding)": 50_304 * 768,
    "parameters(part=embeddings)": (50_257 + 1024) * 768,
    "parameters(part=non-embedding)": 124_439_808 - (50_257 + 1024) * 768,
    "parameters(part=feed-forward)": 12 * (2 * 768 * 3072 + 3072 + 768),
    "parameters(preset=gpt2, d_ff=768, part=feed-forward)": 12 * (2 * 768 * 768 + 768 + 768),
    "active-parameters()": 12_879_925_248,
    "active-parameters(preset=gpt2)": 124_439_808,
    "preset-size(preset=llama-2-70b, size=n_kv_heads)": 8,
    "preset-size(preset=bert-large, size=d_head)": 64,
    "preset-size(preset=gpt2, size=max_length)": 1024,
    "attention-parameters(d_model=512)": 4 * 512**2,
    "attention-parameters(d_model=512, n_heads=8)": 4 * 512**2,
    "attention-parameters(d_model=512, n_heads=8, biases=true)": 4 * (512**2 + 512),
    "attention-parameters(d_model=512, n_heads=8, n_kv_heads=2)": 2 * 512**2 + 2 * 512 * 128,
    "feed-forward-parameters(d_model=512, d_ff=2048)": 8 * 512**2,
    "feed-forward-parameters(d_model=512, d_ff=2048, biases=true)": 8 * 512**2 + 2560,
    "feed-forward-parameters(d_model=4096, d_ff=11008, gated=true)": 3 * 4096 * 11_008,
    "feed-forward-share(d_model=512, d_ff=2048)": 2 / 3,
    "feed-forward-share(d_model=512, d_ff=2048, gated=true)": 3 / 4,
    "norm-parameters(d_model=768)": 1536,
    "norm-parameters(d_model=768, norm=rms)": 768,
    "head-dimension(d_model=512, n_heads=8)": 64,
    "embedding-parameters(vocab_size=50257, d_model=768)": 38_597_376,
    "expert-share(n_experts=8, per_token=2)": 0.25,
}
MEMORY: dict[str, object] = {
    "attention-scores(tokens=1000)": 10**6,
    "attention-scores(tokens=10, keys=20, heads=3, layers=2, batch=5)": 6000,
    "score-memory-bytes(tokens=8192, heads=32)": 4 * GIB,
    "score-memory-bytes(tokens=8192, heads=32, bytes=4, batch=2)": 16 * GIB,
    "score-memory-bytes(tokens=8192, heads=32, tile=64)": 32 * 128 * 64 * 4,
    "kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096, bytes=2)": 2 * GIB,
    "kv-cache-bytes(n_layers=80, n_kv_heads=8, d_head=128, tokens=1)": 327_680,
    "kv-cache-bytes(n_layers=1, n_kv_heads=3, d_head=5, tokens=7, bytes=4, batch=11)": 2 * 3 * 5 * 7 * 4 * 11,
    "preset-cache-bytes(preset=llama-2-7b, tokens=4096)": 2 * GIB,
    "preset-cache-bytes(preset=llama-2-70b, tokens=4096)": 1.25 * GIB,
    "preset-cache-bytes(preset=llama-2-70b, tokens=4096, n_kv_heads=64)": 10 * GIB,
    "preset-cache-bytes(preset=t5-small, tokens=100, bytes=4)": 2 * 6 * 512 * 200 * 4,
    "cache-tokens(memory=327_680, n_layers=80, n_kv_heads=8, d_head=128)": 1,
    "cache-tokens(memory=327_679, n_layers=80, n_kv_heads=8, d_head=128)": 0,
    "weights-bytes(parameters=7e9)": 14e9,
    "weights-bytes(parameters=7e9, bytes=0.5)": 3.5e9,
    "training-bytes(parameters=7.5e9)": 120e9,
    "training-bytes(parameters=10, weights=4, gradients=4, states=8)": 160,
    "causal-pairs(tokens=4)": 10,
    "window-pairs(tokens=5, window=1)": 13,
    "window-pairs(tokens=5, window=1, causal=true)": 9,
    "window-pairs(tokens=5, window=0)": 5,
    "window-pairs(tokens=5, window=100)": 25,
    "window-pairs(tokens=5, window=100, causal=true)": 15,
}
# GPT-2 small by hand: 12 blocks of 12 d² multiply-adds a token and 2 n d for its pairs, and the unembedding.
GPT2_PAIRS = 12 * 4 * 1024**2 * 768
GPT2_FORWARD = 2 * 1024 * (12 * 12 * 768**2 + 768 * 50_257) + GPT2_PAIRS
COMPUTE: dict[str, object] = {
    "forward-flops(tokens=1024)": GPT2_FORWARD,
    "forward-flops(tokens=1024, preset=gpt2, part=pairs)": GPT2_PAIRS,
    "forward-flops(tokens=1024, preset=gpt2, part=feed-forward)": 2 * 1024 * 12 * 8 * 768**2,
    "forward-flops(tokens=10, preset=t5-small, written=5, part=unembedding)": 2 * 5 * 512 * 32_128,
    "forward-flops(tokens=10, preset=t5-small, part=unembedding)": 2 * 10 * 512 * 32_128,
    "decoding-flops(past=0)": 2 * (12 * 12 * 768**2 + 768 * 50_257) + 12 * 4 * 768,
    "decoding-flops(past=1023, part=pairs)": 12 * 4 * 1024 * 768,
    "decoding-flops(past=9, preset=t5-small, part=cross-scores)": 2 * 6 * 9 * 512,
    "attention-flops(tokens=1024, d_model=512)": 4 * 1024**2 * 512,
    "training-flops(parameters=175e9, tokens=300e9)": 3.15e23,
    "seconds(work=3e12, per_second=1e12)": 3,
    "seconds(work=3e12, per_second=1e12, utilization=0.5)": 6,
    "optimal-parameters(flops=1, constants=hoffmann)": (0.34 * 406.4 / (0.28 * 410.7)) ** (1 / 0.62)
    / 6 ** (0.28 / 0.62),
    "optimal-parameters(flops=5.76e23)": CHINCHILLA,
    "optimal-tokens(flops=5.76e23)": 5.76e23 / 6 / CHINCHILLA,
    "optimal-tokens-per-parameter(flops=5.76e23)": 5.76e23 / 6 / CHINCHILLA**2,
    "scaling-loss(parameters=70e9, tokens=1.4e12)": 1.8172 + 482.01 / 70e9**0.3478 + 2085.43 / 1.4e12**0.3658,
    "scaling-loss(parameters=70e9, tokens=1.4e12, constants=hoffmann)": 1.69
    + 406.4 / 70e9**0.34
    + 410.7 / 1.4e12**0.28,
}
POSITIONS: dict[str, object] = {
    "sinusoid(position=1, index=0, d_model=512)": math.sin(1),
    "sinusoid(position=5, index=3, d_model=4)": math.cos(0.05),
    "sinusoids(position=5, d_model=4)": [math.sin(5), math.cos(5), math.sin(0.05), math.cos(0.05)],
    "sinusoid-similarity(position=3, other=5, d_model=4)": math.cos(2) + math.cos(0.02),
    "wavelength(pair=0, d_model=512)": 2 * math.pi,
    "wavelength(pair=1, d_model=4)": 200 * math.pi,
    "wavelength(pair=1, d_model=4, base=1e6)": 2000 * math.pi,
    "rotary-angle(position=3, pair=0, d_head=64)": 3,
    "rotary-angle(position=3, pair=1, d_head=4)": 0.03,
    "rotary-angle(position=3, pair=1, d_head=4, base=100, degrees=true)": 0.3 * 180 / math.pi,
    "rotated(vector=[1, 0], position=1)": [math.cos(1), math.sin(1)],
    "rotated(vector=[0, 0, 0, 2], position=50)": [0, 0, -2 * math.sin(0.5), 2 * math.cos(0.5)],
    "rotary-score(query=[1, 0], key=[1, 0], query_position=5, key_position=3)": math.cos(2),
    "alibi-slope(head=1, n_heads=8)": 1 / 2,
    "alibi-slope(head=8, n_heads=8)": 1 / 256,
    "alibi-slopes(n_heads=4)": [1 / 4, 1 / 16, 1 / 64, 1 / 256],
    "alibi-slopes(n_heads=3)": [1 / 16, 1 / 256, 1 / 4],
    "alibi-penalty(head=2, n_heads=8, distance=10)": 2.5,
    "alibi-penalty(head=2, n_heads=8, distance=0)": 0,
    "relative-bucket(offset=0)": 0,
    "relative-bucket(offset=-7)": 7,
    "relative-bucket(offset=7)": 23,
    "relative-bucket(offset=-1000)": 15,
    "relative-bucket(offset=1000)": 31,
    "relative-bucket(offset=1000, bidirectional=false)": 0,
    "relative-bucket(offset=-1000, bidirectional=false)": 31,
    "path-length(kind=recurrent, tokens=100)": 100,
    "path-length(kind=attention, tokens=100)": 1,
    "path-length(kind=convolution, tokens=100, width=3)": 50,
    "path-length(kind=convolution, tokens=3, width=3)": 1,
    "path-length(kind=dilated-convolution, tokens=81, width=3)": 4,
    "path-length(kind=dilated-convolution, tokens=82, width=3)": 5,
    "path-length(kind=window, tokens=4097, width=128)": 32,
    "path-length(kind=window, tokens=1, width=128)": 1,
    "sequential-steps(kind=recurrent, tokens=1000)": 1000,
    "sequential-steps(kind=convolution, tokens=1000)": 1,
}
TOP3 = np.array([0.5, 0.3, 0.15, 0]) / 0.95
SAMPLING: dict[str, object] = {
    "temperature-softmax(logits=[2, 1, 0], temperature=0.5)": softmax(4, 2, 0),
    "temperature-softmax(logits=[1, 3, 2], temperature=0)": [0, 1, 0],
    "top-k(probabilities=[0.5, 0.3, 0.2], k=2)": [0.625, 0.375, 0],
    "top-k(probabilities=[0.2, 0.3, 0.5], k=1)": [0, 0, 1],
    "top-k(probabilities=[0.6, 0.4, 0], k=3)": [0.6, 0.4, 0],
    "top-p(probabilities=[0.5, 0.3, 0.15, 0.05], p=0.9)": TOP3,
    "top-p(probabilities=[0.5, 0.3, 0.2], p=1)": [0.5, 0.3, 0.2],
    "kept-by-top-p(probabilities=[0.5, 0.3, 0.15, 0.05], p=0.9)": 3,
    "kept-by-top-p(probabilities=[0.97, 0.01, 0.01, 0.01], p=0.9)": 1,
    "perplexity(loss=3)": math.exp(3),
    "cross-entropy(probability=0.25)": math.log(4),
    "next-token-loss(logits=[2, 1, 0], target=2)": -math.log(softmax(2, 1, 0)[1]),
    "sequence-log-probability(probabilities=[0.5, 0.5, 0.25])": math.log(1 / 16),
    "router-weights(logits=[2, 0, 1, -1], top=2)": [*(softmax(2, 1)[:1]), 0, softmax(2, 1)[1], 0],
    "router-weights(logits=[2, 1, 0], top=3)": softmax(2, 1, 0),
}
LAYERS: dict[str, object] = {
    "layer-norm(values=[1, 2, 3])": np.array([-1, 0, 1]) / math.sqrt(2 / 3 + 1e-5),
    "rms-norm(values=[3, 4])": np.array([3, 4]) / math.sqrt(12.5 + 1e-5),
    "mean(values=[1, 2, 6])": 3,
    "variance(values=[1, 2, 3])": 2 / 3,
    "relu(values=[-1, 0, 2])": [0, 0, 2],
    "gelu(values=[-1, 0, 2])": [-phi(-1), 0, 2 * phi(2)],
    "silu(values=[-1, 0, 2])": [-1 / (1 + math.e), 0, 2 / (1 + math.exp(-2))],
    "swiglu(gate=[2, -1], up=[3, 5])": [6 / (1 + math.exp(-2)), -5 / (1 + math.e)],
}
RETRIEVAL: dict[str, object] = {
    "vector-bytes(vectors=1_000_000, dimensions=768)": 3_072_000_000,
    "vector-bytes(vectors=10, dimensions=3, bytes=2)": 60,
    "code-bytes(vectors=1e6, slices=96)": 96_000_000,
    "code-bytes(vectors=1e6, slices=96, bits=4)": 48_000_000,
    "index-bytes(vectors=1e6, dimensions=768, slices=96, clusters=1024)": 104e6 + 4 * 768 * 1280,
    "compression(dimensions=768, slices=96)": 32,
    "compression(dimensions=768, slices=96, bits=4, bytes=2)": 32,
    "codes-compared(vectors=1e6, clusters=1000, probes=10)": 10_000,
    "recall(found=[1, 2, 3, 4], relevant=[2, 9, 4])": 2 / 3,
    "recall(found=[2, 2], relevant=[2, 9])": 0.5,
    "precision(found=[1, 2, 3, 4], relevant=[2, 9, 4])": 0.5,
    "precision(found=[2, 2, 3], relevant=[2])": 0.5,
    "mean-reciprocal-rank(ranks=[1, 2, 0, 4])": 1.75 / 4,
    "contrastive-loss(similarities=[0.9, 0.2], temperature=0.1)": math.log(1 + math.exp(-7)),
    "contrastive-loss(similarities=[0.9, 0.2], positive=2, temperature=0.1)": math.log(1 + math.exp(7)),
    "reranking-flops(candidates=1024, tokens=1, preset=gpt2)": 1024
    * (2 * (12 * 12 * 768**2 + 768 * 50_257) + 12 * 4 * 768),
}
TEXT: dict[str, object] = {
    "character-count(text=naïve)": 5,
    "byte-count(text=naïve)": 6,
    'byte-count(text="a, b")': 4,
    "token-count(text=é)": 2,
    "bpe-merges(text=a)": 0,
    # tan 4, tank 3, ran 6, rank 2 times: 15 words of 3 letters and 5 times a k; an joins 15, ran 8, tan 7, tank 3.
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=0)": 50,
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=1)": 35,
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=2)": 27,
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=3)": 20,
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=4)": 17,
    "bpe-training(words='tan tank ran rank', counts=[4, 3, 6, 2], merges=1000)": 15,
    "bpe-training(words=é, counts=[3], merges=0)": 6,
}
ARITHMETIC: dict[str, object] = {
    'calculation(of="4 * 512**2")': 1_048_576,
    'calculation(of="(1 + 2) * -3 / 4")': -2.25,
    'calculation(of="17 // 5 + 17 % 5")': 5,
    'calculation(of="sqrt(64) + log2(8) + ceil(1.2) + max(1, 2)")': 15,
    'calculation(of="log(e) + exp(0) + cos(pi)")': 1,
    'calculation(of="a * b**2 - c / d", a=3, b=10, c=5, d=2)': 297.5,
    'calculation(of="2**-1")': 0.5,
    "power(base=0.9, exponent=100)": math.exp(100 * math.log(0.9)),
    "power(base=2, exponent=10)": 1024,
    "learning-rate(step=50, peak=0.001, warmup=100, total=1100)": 0.0005,
    "learning-rate(step=600, peak=0.001, warmup=100, total=1100)": 0.0005,
    "learning-rate(step=1100, peak=0.001, warmup=100, total=1100, floor=0.0001)": 0.0001,
}
MEASURED: dict[str, object] = {
    "score-variance(d_k=64)": 64,
    "score-variance(d_k=256, scaled=true, seed=1)": 1,
}
"""Drawn at random, so that they are near these values."""
EXACT = ATTENTION | SIZES | MEMORY | COMPUTE | POSITIONS | SAMPLING | LAYERS | RETRIEVAL | TEXT | ARITHMETIC


@pytest.mark.parametrize(("text", "expected"), EXACT.items(), ids=EXACT)
def test_a_quantity_has_the_known_value(text: str, expected: float | list[float]) -> None:
    value = call.parse(text).value()
    if isinstance(expected, int):
        assert value == expected
    else:
        close = 1e-3 if text.startswith("optimal-") else 1e-6
        np.testing.assert_allclose(value, expected, rtol=close, atol=1e-7)


@pytest.mark.parametrize(("text", "expected"), MEASURED.items(), ids=MEASURED)
def test_a_variance_is_measured(text: str, expected: float) -> None:
    value = call.parse(text).value()
    assert value != expected
    assert value == pytest.approx(expected, rel=0.05)
    assert call.parse(text).value() == value


def test_every_quantity_is_in_a_table() -> None:
    assert {call.parse(text).quantity.name for text in EXACT | MEASURED} == set(QUANTITIES)


@pytest.mark.parametrize("text", ["the attention weights of a query", "naïve café", "a", "🙂 ok"])
def test_a_merge_makes_one_token_of_two(text: str) -> None:
    count = {name: call.parse(f'{name}(text="{text}")').value() for name in ("byte-count", "token-count", "bpe-merges")}
    assert count["bpe-merges"] == count["byte-count"] - count["token-count"]
    assert count["byte-count"] == len(text.encode())

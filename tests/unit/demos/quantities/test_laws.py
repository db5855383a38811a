"""What holds for all arguments, what the engine's own parts say of the same numbers, and what makes no sense."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studycli.demos.quantities import (
    attention,
    call,
    layers,
    memory,
    paths,
    positions,
    retrieval,
    sampling,
    sizes,
    tokens,
)
from studycli.demos.quantities.catalogue import find
from studycli.demos.quantities.shapes import changed
from studycli.engine.attention import causal_mask
from studycli.engine.config import PRESETS
from studycli.engine.model import Transformer
from studycli.engine.trace import Trace
from studycli.engine.window import window
from studycli.errors import StudyError

rows = st.lists(st.floats(-50, 50), min_size=1, max_size=8)
probabilities = st.lists(st.floats(0.01, 1), min_size=1, max_size=8).map(lambda row: [p / sum(row) for p in row])


@given(rows, st.integers(1, 512))
def test_weights_sum_to_1_and_follow_the_scores(scores: list[float], d_k: int) -> None:
    weights = attention.attention_weights(scores, d_k, scaled=True)
    expected = np.exp((np.array(scores) - max(scores)) / math.sqrt(d_k))
    np.testing.assert_allclose(weights, expected / expected.sum(), atol=1e-9)
    np.testing.assert_allclose(weights, attention.softmax(scores, math.sqrt(d_k)), atol=1e-5)


@given(rows, st.floats(-20, 20))
def test_a_shift_of_all_scores_changes_nothing(scores: list[float], shift: float) -> None:
    moved = [score + shift for score in scores]
    np.testing.assert_allclose(attention.softmax(moved, 1), attention.softmax(scores, 1), atol=1e-5)


@given(probabilities)
def test_entropy_lies_between_none_and_an_even_spread(row: list[float]) -> None:
    assert -1e-9 <= attention.entropy(row) <= math.log(len(row)) + 1e-9


@given(rows, st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_rotary_score_depends_on_the_offset_alone(row: list[float], at: int, other: int, shift: int) -> None:
    query, key = [*row, *row], [*row, *reversed(row)]
    before = positions.rotary_score(query, key, at, other, 10_000)
    after = positions.rotary_score(query, key, at + shift, other + shift, 10_000)
    assert before == pytest.approx(after, abs=1e-6)
    turned = positions.rotated(query, at, 10_000)
    assert math.hypot(*turned) == pytest.approx(math.hypot(*query))


@given(st.integers(1, 40), st.integers(0, 50), st.booleans())
def test_pairs_are_those_that_the_engine_leaves_open(tokens: int, reach: int, causal: bool) -> None:
    assert memory.causal_pairs(tokens) == int(causal_mask(tokens, tokens).sum())
    x = torch.zeros(tokens, 2)
    trace = Trace("pattern")
    window(x, x, x, causal=causal, window=reach, trace=trace)
    assert memory.window_pairs(tokens, reach, causal) == int((trace["pattern"] > 0).sum())


@given(st.integers(1, 300), st.integers(1, 20))
def test_paths_are_as_long_as_layers_need_to_reach(tokens: int, width: int) -> None:
    reach = np.zeros(tokens, bool)
    reach[0] = True
    layers_needed = 0
    while not reach[-1] or not layers_needed:
        reach = np.convolve(reach, np.ones(2 * width + 1), "same" if tokens > 2 * width else "full")
        reach = (reach if len(reach) == tokens else reach[width : width + tokens]) > 0
        layers_needed += 1
    assert paths.path_length("window", tokens, width) == layers_needed
    assert paths.path_length("convolution", tokens, width + 1) == layers_needed


@given(probabilities, st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_set_that_reaches_p(row: list[float], p: float) -> None:
    kept = sampling.kept_by_top_p(row, p)
    falling = sorted(row, reverse=True)
    assert sum(falling[:kept]) >= p - 1e-5
    assert sum(falling[: kept - 1]) < p + 1e-5
    assert sum(sampling.top_p(row, p)) == pytest.approx(1, abs=1e-5)


@given(probabilities, st.integers(1, 8))
def test_top_k_keeps_the_proportions(row: list[float], k: int) -> None:
    left = sampling.top_k(row, k)
    assert sum(share > 0 for share in left) == min(k, len(row))
    scale = sum(share for share, new in zip(row, left, strict=True) if new)
    assert all(new == pytest.approx(share / scale, abs=1e-5) for share, new in zip(row, left, strict=True) if new)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=16))
def test_norms_center_and_scale(row: list[float]) -> None:
    normed = layers.layer_norm(row)
    assert layers.mean(normed) == pytest.approx(0, abs=1e-6)
    spread = layers.variance(row)
    assert layers.variance(normed) == pytest.approx(spread / (spread + 1e-5), abs=1e-6)


@given(st.sets(st.integers(1, 30), min_size=1), st.sets(st.integers(1, 30), min_size=1))
def test_recall_and_precision_count_the_same_documents(found: set[int], relevant: set[int]) -> None:
    both = len(found & relevant)
    assert retrieval.recall(sorted(found), sorted(relevant)) == pytest.approx(both / len(relevant))
    assert retrieval.precision(sorted(found), sorted(relevant)) == pytest.approx(both / len(found))


@settings(max_examples=10)
@given(st.integers(1, 3), st.sampled_from([(4, 1), (4, 2), (4, 4), (2, 1)]), st.sampled_from([8, 16]))
def test_a_model_has_the_parameters_and_the_cache_that_were_counted(
    n_layers: int, heads: tuple[int, int], d_model: int
) -> None:
    n_heads, n_kv_heads = heads
    changes = {"n_layers": n_layers, "n_heads": n_heads, "n_kv_heads": n_kv_heads, "d_model": d_model, "vocab_size": 11}
    for preset in ("t5-small", "mixtral-8x7b", "llama-2-70b", "gpt2"):
        config = changed(preset, d_ff=8, **changes)
        model = Transformer(config)
        assert sizes.parameters(preset, "total", d_ff=8, **changes) == sum(p.numel() for p in model.parameters())
    counted = memory.kv_cache_bytes(n_layers, n_kv_heads, d_model // n_heads, tokens=5, bytes=4, batch=2)
    assert model.cache(batch=2, capacity=5).nbytes == counted


def test_a_preset_is_counted_as_it_is() -> None:
    for preset, config in PRESETS.items():
        assert sizes.preset_size(preset, "d_model") == config.d_model
        parts = [sizes.parameters(preset, part) for part in ("embeddings", "non-embedding", "unembedding")]
        assert sum(parts) == sizes.parameters(preset, "total")
        same = sizes.parameters(preset, "total", vocab_size=config.vocab_size, d_ff=config.d_ff)
        assert same == sizes.parameters(preset, "total")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("softmax(scores=[-inf, -inf])", "every key is masked"),
        ("attention-weights(scores=[-inf], d_k=4)", "every key is masked"),
        ("attention-output(scores=[1, 2], values=[1], d_k=4)", "scores has 2 numbers, values has 1"),
        ("score-variance(d_k=4096, samples=20000)", "20,000 samples of 4,096 numbers"),
        ("entropy(probabilities=[0.5, 0.4])", "the probabilities sum to 0.9"),
        ("top-k(probabilities=[0.5, 0.4], k=1)", "the probabilities sum to 0.9"),
        ("top-p(probabilities=[1, 1], p=0.5)", "the probabilities sum to 2"),
        ("dot(a=[1], b=[1, 2])", "a has 1 numbers, b has 2"),
        ("cosine(a=[0, 0], b=[1, 2])", "no direction"),
        ("swiglu(gate=[1], up=[1, 2])", "gate has 1 numbers, up has 2"),
        ("head-dimension(d_model=512, n_heads=7)", "512 does not divide into 7 heads"),
        ("attention-parameters(d_model=512, n_heads=8, n_kv_heads=3)", "8 is no multiple of n_kv_heads 3"),
        ("parameters(preset=gpt2, d_model=100)", "100 does not divide into 12 heads"),
        ("expert-share(n_experts=2, per_token=3)", "3 of 2 experts"),
        ("preset-cache-bytes(preset=bert-base, tokens=4)", "bert-base is an encoder"),
        ("decoding-flops(past=4, preset=bert-base)", "an encoder cannot decode"),
        ("sinusoid(position=1, index=4, d_model=4)", "index is 4"),
        ("sinusoids(position=1, d_model=3)", "3 does not divide into pairs"),
        ("wavelength(pair=2, d_model=4)", "no pair 2 of 4 numbers"),
        ("rotary-angle(position=1, pair=0, d_head=5)", "no pair 0 of 5 numbers"),
        ("rotated(vector=[1], position=1)", "rotary_dim 1 is odd"),
        ("rotary-score(query=[1, 2], key=[1], query_position=0, key_position=0)", "query has 2 numbers, key has 1"),
        ("alibi-slope(head=9, n_heads=8)", "head is 9"),
        ("relative-bucket(offset=1, buckets=32, max_distance=8)", "32 buckets up to a distance of 8"),
        ("path-length(kind=convolution, tokens=5, width=1)", "width 1 reaches no other token"),
        ("next-token-loss(logits=[1], target=2)", "target is 2"),
        ("sequence-log-probability(probabilities=[0.5, 0])", "probability 0"),
        ("router-weights(logits=[1, 2], top=3)", "3 of 2 experts"),
        ("compression(dimensions=768, slices=100)", "768 numbers don't divide into 100 slices"),
        ("index-bytes(vectors=9, dimensions=768, slices=100, clusters=1)", "768 numbers don't divide into 100 slices"),
        ("codes-compared(vectors=9, clusters=2, probes=3)", "probes is 3"),
        ("mean-reciprocal-rank(ranks=[1.5])", "a rank is no whole number"),
        ("recall(found=[1, 2.5], relevant=[2])", "a document is no whole number"),
        ("contrastive-loss(similarities=[1], positive=2)", "positive is 2"),
        ("learning-rate(step=1, peak=1, warmup=9, total=4)", "the warm-up is 9 of 4 steps"),
        ("byte-count(text='\ud800')", "half a character"),
        ("token-count(text='\ud800')", ""),
        ("power(base=-8, exponent=0.5)", "no real number"),
        ("power(base=0, exponent=-1)", "no real number"),
        ('calculation(of="")', "'' is no formula"),
        ('calculation(of="2 +")', "'2 +' is no formula"),
        ('calculation(of="1and 2")', "cannot be calculated"),
        ('calculation(of="x + 1")', "'x' cannot be calculated"),
        ('calculation(of="True")', "'True' cannot be calculated"),
        ('calculation(of="2 ^ 3")', "'2 ^ 3' cannot be calculated"),
        ('calculation(of="(2).real")', "cannot be calculated"),
        ('calculation(of="[1, 2]")', "cannot be calculated"),
        ('calculation(of="max(1, key=2)")', "cannot be calculated"),
        ("calculation(of=\"__import__('os')\")", "cannot be calculated"),
        ('calculation(of="sqrt(-1)")', "has no value"),
        ('calculation(of="sqrt()")', "has no value"),
        ('calculation(of="min(3)")', "has no value"),
        ('calculation(of="(-8)**0.5")', "has no value"),
        ('calculation(of="1 / 0")', "no number"),
        ('calculation(of="9**9**9**9")', "no number"),
        ('calculation(of="10.0**999")', "no number"),
        (f'calculation(of="{"9" * 350}")', "grows too large"),
        (f'calculation(of="{"-" * 300}1")', "too deep"),
        (f'calculation(of="{"(" * 300}1{")" * 300}"', "never closes"),
    ],
)
def test_what_makes_no_sense_is_told(text: str, message: str) -> None:
    with pytest.raises(StudyError) as refused:
        call.parse(text).value()
    assert message in refused.value.message


@given(st.text(st.sampled_from("0123456789+-*/%()., abcdesqrtlogx\n\x00'[]{}:="), max_size=40))
def test_any_formula_has_a_value_or_is_refused(formula: str) -> None:
    try:
        value = find("calculation").compute(of=formula, a=2, b=3, c=0, d=-1)
    except StudyError:
        return
    assert isinstance(value, int | float)
    assert math.isfinite(value)


@pytest.mark.parametrize(
    "text",
    [
        "attention-weights(scores=[1, 2], d_k=4096)",
        "score-variance(d_k=4096, samples=2441)",
        "sinusoid(position=1000000000, index=4095, d_model=4096)",
        "window-pairs(tokens=1e12, window=1e15)",
        "path-length(kind=dilated-convolution, tokens=1e9, width=2)",
        "forward-flops(tokens=1e9, preset=t5-base, n_layers=10_000, d_model=999_936, n_heads=4)",
        'calculation(of="2**500 * 2**400")',
    ],
)
def test_the_largest_arguments_are_quick(text: str) -> None:
    value = call.parse(text).value()
    assert np.isfinite(np.array(value, dtype=float)).all()


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 24), st.integers(0, 50))
def test_the_rank_of_scores_is_the_smallest_size(d_head: int, count: int, d_model: int, seed: int) -> None:
    assert attention.score_rank(d_head, count, d_model, seed) == min(d_head, count, d_model or count)


@pytest.mark.parametrize(
    ("words", "counts"),
    [("a b", "[1]"), ("a b a", "[1, 2, 3]"), ("a", "[1.5]"), ("a", "[0]"), ("''", "[1]"), ("a", "[100000]")],
)
def test_a_corpus_that_makes_no_sense(words: str, counts: str) -> None:
    with pytest.raises(StudyError):
        call.parse(f"bpe-training(words={words}, counts={counts}, merges=1)").value()


@given(st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=6, unique=True), st.integers(0, 20))
def test_merges_never_make_more_tokens_and_words_stay_apart(words: list[str], merges: int) -> None:
    counts = [1 + at for at in range(len(words))]
    corpus = " ".join(words)
    before, after = (tokens.bpe_training(corpus, counts, made) for made in (merges, merges + 1))
    assert sum(counts) <= after <= before <= tokens.bpe_training(corpus, counts, 0)
    assert tokens.bpe_training(corpus, counts, 0) == sum(
        count * len(word) for word, count in zip(words, counts, strict=True)
    )

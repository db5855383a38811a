"""The cache: the same numbers as a full pass, in chunks of any size, and what does not fit."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import Cache, Trace
from studycli.errors import EngineError
from tests.engine_models import CROSS, DECODERS, ENCODER_DECODERS, PLAIN, build, ids

SEQ = 11
EXACT = {"atol": 1e-12, "rtol": 1e-12}


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("name", DECODERS)
def test_token_by_token_equals_the_full_pass(name: str, traced: bool) -> None:
    model = build(DECODERS[name], dtype=torch.float64)
    x = ids(2, SEQ)
    full = model(x)
    cache = model.cache(2, SEQ)
    more = {"trace": Trace()} if traced else {}
    steps = [model(x[:, i : i + 1], cache=cache, **more) for i in range(SEQ)]
    assert cache.length == SEQ
    torch.testing.assert_close(torch.cat(steps, dim=1), full, **EXACT)


@given(st.sampled_from(sorted(DECODERS)), st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 3))
def test_chunks_of_any_size(name: str, chunks: list[int], spare: int) -> None:
    model = build(DECODERS[name], dtype=torch.float64)
    x = ids(1, sum(chunks), seed=len(chunks))
    cache = model.cache(1, sum(chunks) + spare)
    parts = [model(part, cache=cache) for part in x.split(chunks, dim=1)]
    torch.testing.assert_close(torch.cat(parts, dim=1), model(x), **EXACT)


@pytest.mark.parametrize("name", ENCODER_DECODERS)
@pytest.mark.parametrize("chunk", [1, 3, SEQ])
def test_cross_attention_keeps_its_keys_and_values(name: str, chunk: int) -> None:
    model = build(ENCODER_DECODERS[name], dtype=torch.float64)
    x, y = ids(2, 7), ids(2, SEQ, seed=1)
    mask = torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
    full = model(x, attention_mask=mask, decoder_input_ids=y)
    cache = model.cache(2, SEQ)
    parts = [model(x, attention_mask=mask, decoder_input_ids=part, cache=cache) for part in y.split(chunk, dim=1)]
    torch.testing.assert_close(torch.cat(parts, dim=1), full, **EXACT)
    assert all(kv is not None and kv[0].shape == (2, model.config.kv_heads, 7, 6) for kv in cache.cross)


def test_a_mask_covers_what_is_in_the_cache_too() -> None:
    model = build(PLAIN, dtype=torch.float64)
    x = ids(2, 8)
    mask = torch.tensor([[0, 0, 1, 1, 1, 1, 1, 1], [1] * 8])
    full = model(x, attention_mask=mask)
    cache = model.cache(2, 8)
    first = model(x[:, :5], attention_mask=mask[:, :5], cache=cache)
    second = model(x[:, 5:], attention_mask=mask, cache=cache)
    torch.testing.assert_close(torch.cat((first, second), dim=1), full, **EXACT)


def test_beams_take_the_rows_they_select() -> None:
    model = build(PLAIN, dtype=torch.float64)
    x = ids(3, 6)
    cache = model.cache(3, 7)
    model(x, cache=cache)
    rows = torch.tensor([2, 0, 2])
    cache.select(rows)
    more = ids(3, 1, seed=2)
    torch.testing.assert_close(model(more, cache=cache), model(torch.cat((x[rows], more), 1))[:, -1:], **EXACT)


def test_bytes_are_those_of_keys_and_values() -> None:
    cache = Cache(DECODERS["rotary"], 2, 10, "cpu", torch.bfloat16)
    assert cache.nbytes == 2 * 2 * 2 * 2 * 10 * 8 * 2  # keys and values, layers, batch, heads, tokens, d_head, bytes


def test_bytes_of_cross_attention_count() -> None:
    model = build(CROSS)
    cache = model.cache(1, 4)
    before = cache.nbytes
    model(ids(1, 5), decoder_input_ids=ids(1, 1), cache=cache)
    assert cache.nbytes == before + 2 * 2 * 5 * 24 * 4  # keys and values, layers, tokens, d_model, bytes


def test_a_full_cache_says_so() -> None:
    model = build(PLAIN)
    cache = model.cache(1, 4)
    model(ids(1, 3), cache=cache)
    with pytest.raises(EngineError, match="the cache holds 4 tokens, and 5 were to go in"):
        model(ids(1, 2), cache=cache)

"""The demo `kv-cache`: operations beside torch's count, the cache's bytes, claims and what breaks them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from studycli.demos import kv_cache, models, prompt
from studycli.demos.catalogue import ALL
from studycli.demos.edits import Edits, parse
from studycli.demos.inputs import DEFAULT_TEXT, Inputs
from studycli.demos.registry import find, run
from studycli.engine import Trace, generate
from studycli.errors import UsageError

ENTRY = next(demo for demo in ALL if demo.name == "kv-cache")


def asked(text: str = DEFAULT_TEXT, **given: str) -> Inputs:
    return Inputs(text, "cpu", 0, parameters=find("kv-cache").settings(given))


def demo(text: str = DEFAULT_TEXT, **given: str):
    return run("kv-cache", asked(text, **given))


def written(tokens: int, *, cached: bool) -> kv_cache.Writing:
    loaded = models.load("study-lm", "cpu")
    ids = prompt.read(DEFAULT_TEXT, loaded, 32).tensor(loaded)
    cache = loaded.model.cache(1, ids.shape[1] + tokens - 1) if cached else None
    return kv_cache._write(asked(), loaded.model, ids, tokens, cache)


def test_steps_write_what_the_engine_writes() -> None:
    loaded = models.load("study-lm", "cpu")
    ids = prompt.read(DEFAULT_TEXT, loaded, 32).tensor(loaded)
    expected = tuple(generate(loaded.model, ids, 5)[0, ids.shape[1] :].tolist())
    assert written(5, cached=True).ids == written(5, cached=False).ids == expected


def test_operations_are_what_torch_counts(values) -> None:
    result = demo(tokens="3")
    model = models.load("study-lm", "cpu").model
    read = result.inputs["tokens_read"]
    shown = values(result, "operations") * 1e6
    for step, length in enumerate(range(read, read + 3)):
        ids, cache = torch.zeros(1, length, dtype=torch.long), model.cache(1, length)
        with torch.no_grad():
            if step:
                model.decode(ids[:, :-1], cache=cache)
            with FlopCounterMode(display=False) as cached:
                model.unembed(model.decode(ids[:, -1:] if step else ids, cache=cache, trace=Trace())[:, -1])
            with FlopCounterMode(display=False) as whole:
                model.unembed(model.decode(ids, trace=Trace())[:, -1])
        np.testing.assert_allclose(shown[step], [cached.get_total_flops(), whole.get_total_flops()], rtol=1e-9)


def test_attention_operations_and_bytes_by_formula(values) -> None:
    result = demo(tokens="4")
    c, read = models.load("study-lm", "cpu").model.config, result.inputs["tokens_read"]
    n = np.arange(read, read + 4)
    pairs = 4 * c.n_layers * c.n_heads * c.d_model // c.n_heads
    attention = values(result, "attention operations") * 1e6
    np.testing.assert_allclose(attention[:, 1], pairs * n**2)
    np.testing.assert_allclose(attention[:, 0], [pairs * read**2, *(pairs * n[1:])])
    np.testing.assert_allclose(values(result, "cache") * 1e3, 2 * c.n_layers * c.d_model * n * 4)


@pytest.mark.parametrize(
    ("text", "tokens"), [(DEFAULT_TEXT, "12"), ("Softmax", "2"), ("word " * 100_000, "3"), ("qzj" * 500, "2")]
)
def test_claims_hold(text: str, tokens: str) -> None:
    result = demo(text, tokens=tokens)
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims
    assert [claim for claim in result.claims if not claim.holds] == []


def test_the_note_says_why_a_whole_step_grows_more_slowly_than_its_attention(values) -> None:
    result = demo()
    share = values(result, "attention operations")[-1, 1] / values(result, "operations")[-1, 1]
    note = next(step.note for step in result.steps if step.name == "operations")
    assert f"attention is {share:.0%} of the last step: the rest grows as the tokens do" in note


def test_a_cache_that_is_wrong_makes_its_claims_fail() -> None:
    cached, whole = written(4, cached=True), written(4, cached=False)
    assert all(claim.holds for claim in kv_cache._same_claims(cached, whole))
    worse = {
        "cache-same-logits": {"logits": cached.logits + 0.001},
        "cache-same-tokens": {"ids": (*cached.ids[:-1], cached.ids[-1] + 1)},
        "cache-one-key-a-step": {"keys": (*cached.keys[:-1], 2)},
    }
    for name, change in worse.items():
        found = {claim.name: claim for claim in kv_cache._same_claims(replace(cached, **change), whole)}
        assert not found[name].holds, name
    assert not kv_cache._same_claims(cached, cached)[2].holds


def test_costs_of_another_growth_make_their_claims_fail() -> None:
    costs = kv_cache._costs(models.load("study-lm", "cpu").model.config, 5, 4)
    assert all(claim.holds for claim in kv_cache._cost_claims(costs))
    swapped = {"cached": costs.attention["whole"], "whole": costs.attention["cached"]}
    assert not any(claim.holds for claim in kv_cache._cost_claims(replace(costs, attention=swapped)))


def test_bytes_without_the_factor_2_make_their_claim_fail() -> None:
    config = models.load("study-lm", "cpu").model.config
    own, llama = kv_cache._held(config, models.load("study-lm", "cpu").model.cache(1, 7)), kv_cache._llama()
    assert own.bytes == 2 * config.n_layers * config.d_model * 7 * 4
    assert all(claim.holds for claim in kv_cache._bytes_claims(own, llama))
    keys_alone = [replace(held, bytes=held.bytes // 2) for held in (own, llama)]
    assert not any(claim.holds for claim in kv_cache._bytes_claims(*keys_alone))


def test_time_is_a_step_but_not_beside_an_edit() -> None:
    assert "time" in {step.name for step in demo(tokens="2").steps}
    edits = Edits([parse("decoder.blocks.0.attn.z[head=3]=0")])
    result = run("kv-cache", replace(asked(tokens="2"), edits=edits))
    assert not {"time", "time before"} & {step.name for step in result.steps}
    assert [claim.name for claim in result.claims if not claim.holds] == []


def test_the_same_numbers_each_time_but_for_the_times() -> None:
    first, second = ([step for step in demo(tokens="3").steps if step.name != "time"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("text", "tokens"), [("", "4"), ("text", "1"), ("text", "33"), ("text", "many")])
def test_bad_input(text: str, tokens: str) -> None:
    with pytest.raises(UsageError):
        demo(text, tokens=tokens)

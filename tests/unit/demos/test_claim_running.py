"""Claims of cards run: which demo makes them, on what, how often; and claims that can't be measured."""

from __future__ import annotations

import pytest

from studycli.demos import registry
from studycli.demos.catalogue import ALL
from studycli.demos.claims import naming
from studycli.demos.claims.running import Outcome, Runner
from studycli.demos.inputs import Inputs
from studycli.errors import UsageError
from studycli.model.card import Card
from studycli.model.concept import Concept, ConceptMap, Relationship
from studycli.model.trace import DemoResult

SOFTMAX = "attention-weights(scores=[2, 1, 0], d_k=4)"


def card(*claims: str, demo: str | None = "scaled-dot-product", concept: str | None = None) -> Card:
    return Card(number=1, front="What does the cat see?", back="Milk.", demo=demo, claims=claims, concept=concept)


def run(one: Card) -> list[Outcome]:
    return list(Runner().run(one))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Inputs]]:
    """Every demo that runs, with its inputs; they run as always."""
    seen: list[tuple[str, Inputs]] = []
    real = registry.run

    def counted(name: str, inputs: Inputs) -> DemoResult:
        seen.append((name, inputs))
        return real(name, inputs)

    monkeypatch.setattr(registry, "run", counted)
    return seen


def test_a_claim_of_the_card_s_own_demo_is_measured_on_the_card(runs: list[tuple[str, Inputs]]) -> None:
    (outcome,) = run(card("rows-sum-to-1", demo="scaled-dot-product seed=7"))
    assert outcome.claim.holds
    assert outcome.claim.name == "rows-sum-to-1"
    assert outcome.error is None
    assert [(name, inputs.text, inputs.seed) for name, inputs in runs] == [
        ("scaled-dot-product", "What does the cat see?", 7)
    ]


def test_another_demo_s_claim_is_measured_on_that_demo_s_own_example(runs: list[tuple[str, Inputs]]) -> None:
    own = {claim for demo in ALL if demo.name == "scaled-dot-product" for claim in demo.claims}
    maker = next(demo for demo in ALL if demo.name == "multi-head")
    name = next(claim for claim in maker.claims if claim not in own and naming.maker(claim) is maker)
    (outcome,) = run(card(name))
    assert outcome.claim.name == name
    assert [(demo, inputs.text) for demo, inputs in runs] == [("multi-head", maker.text)]


def test_the_first_demo_of_the_catalogue_makes_a_claim_that_several_make() -> None:
    makers = [demo for demo in ALL if "rows-sum-to-1" in demo.claims]
    assert len(makers) > 1
    assert naming.maker("rows-sum-to-1") is makers[0]


def test_a_demo_runs_once_for_the_same_inputs(runs: list[tuple[str, Inputs]]) -> None:
    runner = Runner()
    names = next(demo.claims for demo in ALL if demo.name == "scaled-dot-product")
    outcomes = [outcome for _ in range(2) for outcome in runner.run(card(*names))]
    assert [outcome.claim.name for outcome in outcomes] == [*names, *names]
    assert len(runs) == 1
    list(runner.run(card(names[0], demo="scaled-dot-product seed=1")))
    assert len(runs) == 2


def test_a_concept_map_leads_to_the_demo_of_a_card_that_names_none(runs: list[tuple[str, Inputs]]) -> None:
    concepts = (Concept(id="a", name="Odd Thing", line=1), Concept(id="b", name="Multi-Head Attention", line=2))
    edge = Relationship(source="a", target="b", type="uses", line=3)
    concept_map = ConceptMap(path="m.md", slug="m", title="M", concepts=concepts, relationships=(edge,))
    maker = next(demo for demo in ALL if demo.name == "multi-head")
    reads = 0

    def maps() -> list[ConceptMap]:
        nonlocal reads
        reads += 1
        return [concept_map]

    runner = Runner(maps)
    for _ in range(2):
        (outcome,) = runner.run(card(maker.claims[0], demo=None, concept="Odd Thing"))
    assert outcome.claim.holds
    assert [(name, inputs.text) for name, inputs in runs] == [("multi-head", "What does the cat see?")]
    assert reads == 1


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (f"{SOFTMAX} = [0.51, 0.31, 0.19]", True),
        (f"{SOFTMAX} = [0.51, 0.31, 0.20]", False),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096, bytes=2) = 2.15 GB", True),
        ("kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096, bytes=2) = 1.07 GB", False),
    ],
)
def test_a_stated_quantity_is_computed(claim: str, holds: bool, runs: list[tuple[str, Inputs]]) -> None:
    (outcome,) = run(card(claim))
    assert outcome.claim.holds is holds
    assert outcome.error is None
    assert runs == []


@pytest.mark.parametrize(
    ("claim", "demo", "message"),
    [
        ("rows-sum-to-2", "scaled-dot-product", "no demo makes the claim 'rows-sum-to-2'"),
        ("rows-sum-to-1", "no-such-demo", "no-such-demo"),
        ("no-such-quantity(a=1) = 1", "scaled-dot-product", "no-such-quantity"),
        ("attention-weights(scores=[1, 2]", "scaled-dot-product", ""),
        ("attention-weights(scores=[2, 1, 0], d_k=0) = 1", "scaled-dot-product", ""),
    ],
)
def test_what_cannot_be_measured_is_told_and_stops_no_other(claim: str, demo: str, message: str) -> None:
    first, second = run(card(claim, f"{SOFTMAX} = [0.51, 0.31, 0.19]", demo=demo))
    assert first.error is not None
    assert message in first.error.message
    assert (first.claim.name, first.claim.statement, first.claim.holds) == (claim, claim, False)
    assert str(first.claim.measured).startswith("not measured: ")
    assert second.claim.holds


def test_a_demo_that_fails_fails_for_each_of_its_claims(runs: list[tuple[str, Inputs]]) -> None:
    names = next(demo.claims for demo in ALL if demo.name == "scaled-dot-product")[:2]
    wordless = card(*names, demo='scaled-dot-product text=" "')
    outcomes = run(wordless)
    assert len(outcomes) == 2
    assert all(outcome.error is not None and "no words" in outcome.error.message for outcome in outcomes)
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("demo", "claim", "hint"),
    [
        ("scaling d_k=2", "saturated-at-large-d-k", "its own settings: d_k=256 (here 2)"),
        ("scaling keys=256", "saturated-at-large-d-k", "its own settings: keys=32 (here 256)"),
        ('multi-head text="Attention"', "heads-differ", "its own example; this text has too little"),
    ],
)
def test_a_claim_that_is_not_made_here_names_what_keeps_it(demo: str, claim: str, hint: str) -> None:
    (outcome,) = run(card(claim, demo=demo))
    assert outcome.error is not None and "makes no claim" in outcome.error.message
    assert hint in (outcome.error.hint or "")


def test_the_hint_names_what_is_close() -> None:
    with pytest.raises(UsageError) as refused:
        naming.maker("rows-sum-to-one")
    assert "rows-sum-to-1" in (refused.value.hint or "")

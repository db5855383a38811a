"""The demo `syntax`: hidden words restored, the heads that find their nouns, and what makes its claims fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studycli.demos import head_samples, registry, syntax
from studycli.demos.catalogue.attention import ATTENTION
from studycli.demos.edits import Edits, parse
from studycli.demos.explain import explain
from studycli.demos.inputs import Inputs
from studycli.demos.noun_forms import Found, fits, noun_of
from studycli.engine.miniatures import model_card
from studycli.errors import UsageError

ENTRY = next(demo for demo in ATTENTION if demo.name == "syntax")


def demo(text: str = ENTRY.text, seed: int = 0, **more):
    return registry.run("syntax", Inputs(text, "cpu", seed, **more))


def test_the_steps(values) -> None:
    result = demo()
    assert [step.name for step in result.steps] == [
        "tokens", "verb head scores", "verb head", "pronoun head scores", "pronoun head", "mask 1", "mask 2",
    ]  # fmt: skip
    tokens = result.steps[0].values
    assert tokens == ENTRY.text.split()
    assert tokens[values(result, "verb head")[5].argmax()] == "king"
    assert tokens[values(result, "pronoun head")[13].argmax()] == "queen"
    verbs, pronouns = result.steps[5], result.steps[6]
    assert verbs.labels["model"] == ("whole", "cut") and pronouns.labels["word"][:2] == ("she", "they")
    of_verbs = dict(zip(verbs.labels["word"], values(result, "mask 1"), strict=True))
    assert of_verbs["claims"][0] > 3 * of_verbs["claim"][0]  # the king claims
    assert of_verbs["claim"][1] > of_verbs["claims"][1]  # without the head: the girls claim
    assert values(result, "mask 2")[0, 0] > 0.9 > 0.6 > values(result, "mask 2")[0, 1]


@pytest.mark.parametrize(
    ("text", "likeliest"),
    [
        ("The boys near the lamp <MASK> the book.", {"defend", "describe", "protect", "remember", "see"}),
        ("the king that the girls like [MASK]", {"coughs", "leans", "shakes", "stands", "waits"}),
        ("the king promised the queen that <mask> would wait", {"he"}),
        ("the king warned the queen that <mask> should wait", {"she"}),
        ("the king beside the girls saw <mask>", {"himself"}),
    ],
)
def test_hidden_words_are_restored(text: str, likeliest: set[str]) -> None:
    result = demo(text)
    assert result.steps[-1].labels["word"][0] in likeliest
    assert [claim for claim in result.claims if not claim.holds] == []


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_claims_hold(seed: int) -> None:
    result = demo(seed=seed)
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims
    assert [claim for claim in result.claims if not claim.holds] == []


def test_the_heads_are_those_of_the_model_card() -> None:
    metrics = model_card.read("syntax").metrics
    for relation, name in (("agreement", "verb_head"), ("pronoun", "pronoun_head")):
        of = head_samples.linked("cpu", 0)[relation]
        assert (of.layer, of.head) == (metrics[f"{name}_layer"], metrics[f"{name}_index"])
        assert of.weights.shape == (2, 4) and of.weights.argmax() == 4 * of.layer + of.head
        assert abs(of.weights.max() - metrics[name]) < 0.15 and of.links > 20


def test_wrong_numbers_make_the_sample_claims_fail() -> None:
    known = head_samples.linked("cpu", 0)
    blind = {name: replace(of, weights=of.weights * 0 + 0.5, without=of.whole) for name, of in known.items()}
    assert [claim.holds for claim in syntax._sample_claims(blind)] == [False] * 4


def test_a_form_that_does_not_fit_makes_its_claims_fail() -> None:
    words = syntax._read("the king beside the girls <mask>")
    head = syntax.Head("verb head", 1, 3, "agreement")
    for place, form, held in (
        (1, "waits", [True, True]),
        (1, "wait", [False, False]),
        (4, "waits", [False, True]),
        (4, "wait", [True, False]),
        (0, "waits", [False, True]),  # looks at no noun
    ):
        pattern = np.zeros((6, 6))
        pattern[5, place] = 1
        hidden = [syntax.Hidden(5, head, form, form, (form,), np.array([[1.0, 0]]))]
        claims = syntax._text_claims(words, {"verb head": (pattern, pattern)}, hidden)
        assert [claim.holds for claim in claims] == held


def test_where_the_model_errs_the_claim_fails() -> None:
    result = demo("the queen beside the boys <mask> that the girl warned the king that <mask> should leave")
    claims = {claim.name: claim for claim in result.claims}
    assert tuple(claims) == ENTRY.claims
    assert not claims["agrees-across-a-nearer-noun"].holds
    assert str(claims["agrees-across-a-nearer-noun"].measured) == "queen: say"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("the king beside the girls <mask>", 2),
        ("the kings beside the girls <mask>", 1),
        ("near the girls the king <mask>", 1),  # before the subject, not between
        ("the king beside the girls saw <mask>", 1),  # a pronoun
        ("the king <mask> the girls sleeps", 0),
    ],
)
def test_the_text_alone_decides_which_claims_are_made(text: str, made: int) -> None:
    whole = [claim.name for claim in demo(text).claims]
    assert whole[: len(whole) - 4] == [*ENTRY.claims[:made]]
    broken = Edits([parse("encoder.blocks.0.attn.z=0"), parse("encoder.blocks.1.attn.z=0")])
    assert [claim.name for claim in demo(text, edits=broken).claims] == whole


def test_a_verb_in_the_past_fits_and_does_not_hide_the_agreement() -> None:
    claims = demo("the king beside the girls <mask> himself").claims
    assert [claim.holds for claim in claims[:2]] == [True, True]
    assert (
        fits("waited", Found(True, "they")) and fits("warned", Found(False, "he")) and not fits("old", noun_of("king"))
    )


def test_what_fits_a_noun() -> None:
    king, girls = noun_of("king"), noun_of("girls")
    assert (king, girls, noun_of("sees")) == (Found(False, "he"), Found(True, "they"), None)
    assert fits("sees", king) and not fits("see", king) and fits("see", girls) and not fits("sees", girls)
    assert fits("himself", king) and not fits("she", king) and fits("they", girls) and not fits("old", girls)


def test_another_head_is_shown_and_silenced(values) -> None:
    result = demo(layer=0, head=1)
    assert [step.name for step in result.steps] == ["tokens", "chosen head scores", "chosen head", "mask 1", "mask 2"]
    assert tuple(claim.name for claim in result.claims) == ENTRY.claims[1:]
    by_hand = demo(edits=Edits([parse("encoder.blocks.0.attn.z[head=1]=0")]))
    edited, chosen = ({} for _ in range(2))
    for found, at, one in ((edited, 0, by_hand), (chosen, 1, result)):
        step = [step for step in one.steps if step.name == "mask 2"][-1]
        found.update({word: row[at] for word, row in zip(step.labels["word"], step.values, strict=True)})
    assert edited["she"] == pytest.approx(chosen["she"], abs=1e-6)
    assert by_hand.steps[-1].labels == by_hand.steps[-2].labels  # the same words, with the edit and without it
    for more in ({"layer": 2}, {"head": 4}):
        with pytest.raises(UsageError, match="there is no"):
            demo(**more)


def test_without_its_head_a_pronoun_no_longer_fits() -> None:
    result = demo(edits=Edits([parse("encoder.blocks.1.attn.z[head=0]=0")]))
    assert result.steps[-1].labels["word"][:2] == result.steps[-2].labels["word"][:2] == ("she", "they")
    claims = {claim.name: claim for claim in result.claims}
    assert not claims["form-fits-the-noun-looked-at"].holds and claims["agrees-across-a-nearer-noun"].holds
    assert str(claims["form-fits-the-noun-looked-at"].measured).startswith("king: claims, queen: they")


def test_explain_shows_the_exponentials() -> None:
    stages = explain(demo(), "verb head[5, 1]").stages
    assert [stage.kind for stage in stages] == ["softmax", "given"]
    assert stages[0].computed == pytest.approx(stages[0].value, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["the zebra <mask>", "x" * 100_000 + " <mask>", "\x1b[31mking <mask>", "the cat <b>x</b>"]
)
def test_an_unknown_word_is_named_with_a_sentence_that_is_known(text: str) -> None:
    with pytest.raises(UsageError, match="never learned the word") as caught:
        demo(text)
    assert ENTRY.text in str(caught.value.hint) and len(str(caught.value)) < 400 and "\x1b" not in str(caught.value)


def test_other_bad_texts() -> None:
    for text in ("", "\x00", "the king sees the queen", "<mask> " * 4):
        with pytest.raises(UsageError):
            demo(text)
    long = demo("the king <mask> " + "the queen " * 50_000)
    assert long.inputs["tokens"] == 20 and long.inputs["tokens_left_out"] > 90_000

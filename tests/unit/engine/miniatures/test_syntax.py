"""The syntax model: what its sentences hold, that nothing held out is learned from, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
import torch

from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import grammar, lexicon, syntax
from studycli.engine.miniatures.grammar import Link, Sentence, sentences
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED
from studycli.errors import UsageError

HEADS = ("verb_head", "pronoun_head")
BASIC = {form: noun.singular for noun in lexicon.NOUNS for form in noun[:2]}
VERBS = [verb for verbs in vars(lexicon.Verbs).values() if isinstance(verbs, tuple) for verb in verbs]
BASIC |= {form: verb.base for verb in VERBS for form in verb}
THINKING = {verb.base for verb in lexicon.Verbs.THINKING}
PLURAL = {noun.plural for noun in lexicon.NOUNS}


@pytest.fixture(scope="module")
def trained_on() -> list[Sentence]:
    """All the sentences that the bundled model was trained on."""
    return sentences(syntax._SENTENCES, Random(f"syntax training {syntax.RECIPE.seed}"), held_out=False)


@pytest.fixture(scope="module")
def learned(trained_on: list[Sentence]) -> list[Sentence]:
    return trained_on[:4000]


@pytest.fixture(scope="module")
def held() -> list[Sentence]:
    return sentences(600, Random("held"), held_out=True)


def pairs(sentence: Sentence, link: Link) -> set[tuple[str, ...]]:
    """The words that a link joins, in their basic forms: its noun with its verb, and with each rival."""
    words = [BASIC.get(word, word) for word in sentence.words]
    verb = words[link.place] if link.relation == "agreement" else words[_governor(sentence, link)]
    return {tuple(sorted((words[link.target], other))) for other in (verb, *(words[at] for at in link.rivals))}


def _governor(sentence: Sentence, link: Link) -> int:
    """The place of the verb that decides what a pronoun stands for: the last before it."""
    return max(at for at in range(link.place) if sentence.words[at] in {verb.past for verb in VERBS})


def arguments(sentence: Sentence) -> set[tuple[str, ...]]:
    """Each verb with its subject and its object, in their basic forms, read from the words and the pronoun alone."""
    words, nouns = [BASIC.get(word, word) for word in sentence.words], {noun.singular for noun in lexicon.NOUNS}
    bases = {verb.base for verb in VERBS}
    start = words.index("that") + 1 if words[2] in THINKING else 0 if words[0] == "the" else 3
    found = set[tuple[str, ...]]()
    for at, verb in enumerate(words):
        if verb not in bases:
            continue
        subject = words[start + 1]
        if words[at - 3] == "that" or verb in THINKING:  # that the girls like; the witch says
            subject = words[at - 1]
        elif words[at - 1] == "that":  # the king that likes
            subject = words[at - 2]
        elif words[at - 1] in lexicon.PRONOUNS:
            subject = words[sentence.links[-1].target]
        found.add(tuple(sorted((verb, subject))))
        if words[at + 1 : at + 2] == ["the"]:
            found.add(tuple(sorted((verb, words[at + 2]))))
        if words[at - 3] == "that" and words[at - 4] in nouns:  # the king that the girls like
            found.add(tuple(sorted((verb, words[at - 4]))))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the witch says that the king near the lamps sleeps", "say witch, king sleep"),
        ("the kings that the girls like see the lamp", "girl like, king like, king see, lamp see"),
        ("near the lamp the king that liked the girls saw himself", "king like, girl like, king see"),
    ],
)
def test_arguments_are_read_from_words(text: str, expected: str) -> None:
    pairs = {tuple(sorted(pair.split())) for pair in expected.split(", ")}
    assert arguments(Sentence(tuple(text.split()), (), frozenset())) == pairs


def test_nothing_held_out_is_ever_joined_in_training(trained_on: list[Sentence], held: list[Sentence]) -> None:
    """Neither by a link nor as verb and argument, in any tense: read anew from all that training draws from."""
    linked = {pair for each in trained_on for link in each.links for pair in pairs(each, link)}
    seen = linked | {pair for each in trained_on for pair in arguments(each)}
    secret = {pair for each in held for link in each.links for pair in pairs(each, link) if grammar.is_held_out(*pair)}
    assert len(secret) > 100
    assert not seen & secret
    assert not any(grammar.is_held_out(*pair) for pair in seen)
    for each in held:
        assert each.held_out
        for link in each.links:
            assert link.held_out == bool(pairs(each, link) & secret)


def test_a_new_verb_is_one_that_training_never_joins_with_the_noun(
    trained_on: list[Sentence], held: list[Sentence]
) -> None:
    seen = {pair for each in trained_on for pair in arguments(each)}
    verbs = [(each, link) for each in held for link in each.of("agreement") if link.new_verb]
    others = [(each, link) for each in held for link in each.of("agreement") if link.held_out and not link.new_verb]
    assert len(verbs) > 80 and len(others) > 30
    for each, link in verbs:
        words = [BASIC.get(word, word) for word in each.words]
        assert tuple(sorted((words[link.target], words[link.place]))) not in seen
    assert all(link.rivals for _, link in others)


def test_every_batch_comes_from_such_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_SENTENCES", 400)
    text = {each.text for each in sentences(400, Random("syntax training 0"), held_out=False)}
    for batch in islice(syntax.batches(0), 3):
        whole = torch.where(batch["labels"] == IGNORED, batch["input_ids"], batch["labels"])
        for row in whole.tolist():
            assert " ".join(syntax.WORDS[id_] for id_ in row if id_) in text


def test_each_word_is_learned_from(learned: list[Sentence]) -> None:
    assert {word for sentence in learned for word in sentence.words} == set(lexicon.words())


def test_verbs_agree_with_their_subjects(learned: list[Sentence]) -> None:
    singular = {verb.singular for verb in VERBS}
    links = [(each.words, link) for each in learned for link in each.of("agreement")]
    assert len(links) > 1000
    for words, link in links:
        assert (words[link.place] in singular) == (words[link.target] not in PLURAL)
        assert BASIC[link.wrong[0]] == BASIC[link.right] and link.wrong[0] != link.right == words[link.place]
        assert all(link.target < rival < link.place for rival in link.rivals)
        others = {words[rival] in PLURAL for rival in link.rivals}
        assert link.deceptive == ((words[link.target] not in PLURAL) in others)


def test_pronouns_fit_their_antecedents_and_never_all_nouns_do(learned: list[Sentence]) -> None:
    own = {noun.singular: noun.pronoun for noun in lexicon.NOUNS} | dict.fromkeys(PLURAL, "they")
    links = [(each.words, link) for each in learned for link in each.of("pronoun")]
    for words, link in links:
        assert words[link.place] == link.right
        assert link.right in (own[words[link.target]], lexicon.REFLEXIVES.get(own[words[link.target]]))
        assert set(link.wrong) | {link.right} == set(lexicon.PRONOUNS)
        assert link.deceptive == any(own[words[rival]] != own[words[link.target]] for rival in link.rivals)
    assert sum(link.deceptive for _, link in links) > len(links) / 2


def test_the_verb_decides_which_noun_a_pronoun_stands_for(learned: list[Sentence]) -> None:
    of_subject = {verb.past for verb in lexicon.Verbs.PROMISING + lexicon.Verbs.SURPRISING}
    of_object = {verb.past for verb in lexicon.Verbs.ADVISING + lexicon.Verbs.PRAISING}
    met = 0
    for each in learned:
        for link in each.of("pronoun"):
            verb = next((at for at, word in enumerate(each.words) if word in of_subject | of_object), None)
            if verb is not None:
                met += 1
                assert (link.target > verb) == (each.words[verb] in of_object)
    assert met > 500


def test_the_same_seed_gives_the_same_sentences() -> None:
    first = sentences(3, Random("syntax"), held_out=False)
    assert first == sentences(3, Random("syntax"), held_out=False)
    assert first != sentences(3, Random("other"), held_out=False)
    assert max(len(each.words) for each in first) <= (syntax.CONFIG.max_length or 0)


def test_linked_words_are_masked_left_or_replaced_by_a_wrong_form(learned: list[Sentence]) -> None:
    ids, wrong = syntax.encode(learned), syntax._wrong_forms(learned)
    shown, labels = syntax.corrupted(ids, wrong, generator(0, "test"))
    linked = torch.zeros_like(ids, dtype=torch.bool)
    fates = {"masked": 0, "left": 0, "replaced": 0}
    for row, each in enumerate(learned):
        for link in each.links:
            linked[row, link.place] = True
            word = syntax.WORDS[int(shown[row, link.place])]
            assert word in {syntax.MASK, link.right, *link.wrong}
            fates["masked" if word == syntax.MASK else "left" if word == link.right else "replaced"] += 1
    assert torch.equal(labels != IGNORED, linked)
    assert torch.equal(labels[linked], ids[linked])
    assert torch.equal(shown[~linked], ids[~linked])
    shares = [count / sum(fates.values()) for count in fates.values()]
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.03)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return Loaded(Transformer(syntax.CONFIG, seed=3), word_tokenizer(syntax.WORDS, syntax.UNKNOWN), "test")


@torch.inference_mode()
@pytest.mark.parametrize("masked", [False, True])
def test_head_weights_are_those_of_each_sentence_alone(loaded: Loaded, held: list[Sentence], masked: bool) -> None:
    assert loaded.tokenizer is not None
    found: dict[str, list[torch.Tensor]] = {"agreement": [], "pronoun": []}
    for each in held[:12]:
        for link in each.links:
            words = [syntax.MASK if masked and at == link.place else word for at, word in enumerate(each.words)]
            trace = Trace(only="*.pattern")
            loaded.model(torch.tensor([loaded.tokenizer.encode(" ".join(words))]), trace=trace)
            alone = [pattern[0, :, link.place, link.target] for pattern in trace.values()]
            found[link.relation].append(torch.stack(alone))
    measured = syntax.head_weights(loaded, held[:12], masked=masked)
    for relation, weights in measured.items():
        torch.testing.assert_close(weights, torch.stack(found[relation]).mean(0), atol=1e-5, rtol=1e-5)


def test_head_weights_of_no_such_link_are_nan(loaded: Loaded, held: list[Sentence]) -> None:
    weights = syntax.head_weights(loaded, [each for each in held if not each.of("pronoun")][:4])
    assert bool(weights["pronoun"].isnan().all()) and not bool(weights["agreement"].isnan().any())


def test_a_word_that_it_does_not_know_is_named(loaded: Loaded, held: list[Sentence]) -> None:
    words = tuple("dragon" if word == held[0].words[-1] else word for word in held[0].words)
    with pytest.raises(UsageError, match="'dragon'"):
        syntax.head_weights(loaded, [replace(held[0], words=words)])


@torch.inference_mode()
def test_measured_accuracy_is_that_of_held_out_links_one_by_one(loaded: Loaded, held: list[Sentence]) -> None:
    tokenizer, right = loaded.tokenizer, []
    assert tokenizer is not None
    for each in held[:40]:
        for link in each.of("pronoun"):
            if link.held_out:
                words = [syntax.MASK if at == link.place else word for at, word in enumerate(each.words)]
                logits = loaded.model.mlm_logits(torch.tensor([tokenizer.encode(" ".join(words))]))[0, link.place]
                likeliest = max(lexicon.PRONOUNS, key=lambda word: float(logits[tokenizer.id_of(word)]))
                right.append(likeliest == link.right)
    measured = syntax._right(loaded.model, syntax._held_out_links(held[:40], "pronoun"))
    assert measured.tolist() == right
    assert 0 < sum(right) < len(right)


@pytest.fixture(scope="module")
def metrics(loaded: Loaded) -> Mapping[str, float]:
    with torch.inference_mode():
        return syntax.RECIPE.measurements[0].measure({"syntax": loaded})


@pytest.fixture(scope="module")
def measured_on() -> list[Sentence]:
    return sentences(syntax._HELD_OUT, Random("syntax held out"), held_out=True)


@torch.inference_mode()
def test_what_is_measured_are_the_gates_and_more(
    loaded: Loaded, metrics: Mapping[str, float], measured_on: list[Sentence]
) -> None:
    assert {gate.metric for gate in syntax.RECIPE.gates} < set(metrics)
    assert all(isinstance(value, float) for value in metrics.values())
    head = [int(metrics[f"pronoun_head_{name}"]) for name in ("layer", "index")]
    assert metrics["pronoun_head"] == pytest.approx(float(syntax.head_weights(loaded, measured_on)["pronoun"][*head]))
    of_it = [each for each in measured_on if "it" in each.words]
    from_it = syntax.head_weights(loaded, of_it)["pronoun"]
    assert len(of_it) > 20
    assert metrics["pronoun_head_from_it"] == pytest.approx(float(from_it[*head]), rel=1e-4)


@torch.inference_mode()
def test_accuracy_of_unseen_pairs_is_of_new_verbs_alone(
    loaded: Loaded, metrics: Mapping[str, float], measured_on: list[Sentence]
) -> None:
    links = [(each, link) for each in measured_on for link in each.links if link.held_out]
    for relation in ("agreement", "pronoun"):
        new = [(each, link) for each, link in links if link.relation == relation and link.new_verb]
        share = float(syntax._right(loaded.model, new).float().mean())
        assert metrics[f"{relation}_accuracy_unseen_pairs"] == pytest.approx(share)
        assert metrics[f"{relation}_accuracy"] != pytest.approx(share)


@torch.inference_mode()
def test_heads_are_chosen_on_other_sentences_than_are_measured(
    loaded: Loaded, measured_on: list[Sentence], monkeypatch: pytest.MonkeyPatch
) -> None:
    def best(found: list[Sentence]) -> list[int]:
        return [int(weights.argmax()) for weights in syntax.head_weights(loaded, found).values()]

    present, past = ([each for each in measured_on[:200] if each.of(name)] for name in ("agreement", "pronoun"))
    measured = best(measured_on)
    few = next(
        pair for pair in map(list, zip(present, past, strict=False))
        if all(one != other for one, other in zip(best(pair), measured, strict=True))
    )  # fmt: skip
    monkeypatch.setattr(syntax, "sentences", lambda *_, held_out: measured_on if held_out else few)
    metrics = syntax.RECIPE.measurements[0].measure({"syntax": loaded})
    found = [metrics[f"{head}_layer"] * syntax.CONFIG.n_heads + metrics[f"{head}_index"] for head in HEADS]
    assert found == best(few)

"""Translation: that the German is right and aligned, what is held out, and what the bundled model translates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from random import Random

import pytest
import torch
from torch import Tensor

from studycli.engine.miniatures import bundle, german_words, translation
from studycli.engine.miniatures.german import (
    Clause,
    Phrase,
    Sentence,
    go_together,
    main_first,
    sentence,
    sentences,
    subordinate_first,
)
from studycli.engine.miniatures.recipe import Progress, Trained, Training
from studycli.engine.miniatures.translation import CONFIG, PATTERN, VOCABULARY, measure, translate
from studycli.engine.model import Transformer
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED
from studycli.errors import UsageError

NOUNS = {noun.english: noun for noun in [*german_words.NOUNS, *german_words.PRONOUNS]}
VERBS = {verb.english_infinitive: verb for verb in german_words.VERBS}
HELD = translation.held_out_sentences(1)
DRAWN = [sentence(random) for random in [Random(7)] for _ in range(3000)]


def phrase(text: str) -> Phrase:
    *before, noun = text.split()
    return Phrase(NOUNS[noun], *before)


def clause(subject: str, verb: str, thing: str = "", adverb: str = "", auxiliary: str = "") -> Clause:
    return Clause(phrase(subject), VERBS[verb], phrase(thing) if thing else None, adverb, auxiliary)


THE_MAN = clause("the man", "see", "the dog")
SHE = clause("she", "come", auxiliary="has")
SENTENCES = {
    "the man sees the dog": (main_first(None, THE_MAN, "", None), "der Mann sieht den Hund"),
    "I know that the man sees the dog": (
        main_first(("I", "know", "that"), THE_MAN, "", None),
        "ich weiß , dass der Mann den Hund sieht",
    ),
    "we ask why she has come": (main_first(("we", "ask", "why"), SHE, "", None), "wir fragen , warum sie gekommen ist"),
    "he says where the man sees the dog because she has come": (
        main_first(("he", "say", "where"), THE_MAN, "because", SHE),
        "er sagt , wo der Mann den Hund sieht , weil sie gekommen ist",
    ),
    "when she has come , the man sees the dog": (
        subordinate_first("when", SHE, THE_MAN),
        "wenn sie gekommen ist , sieht der Mann den Hund",
    ),
    "my cat has seen a book today although he had slept here": (
        main_first(
            None,
            clause("my cat", "see", "a book", "today", "has"),
            "although",
            clause("he", "sleep", "", "here", "had"),
        ),
        "meine Katze hat heute ein Buch gesehen , obwohl er hier geschlafen hatte",
    ),
    "before this child falls , he will carry this lamp": (
        subordinate_first("before", clause("this child", "fall"), clause("he", "carry", "this lamp", "", "will")),
        "bevor dieses Kind fällt , wird er diese Lampe tragen",
    ),
    "a tired bird can greet a hungry queen": (
        main_first(None, clause("a tired bird", "greet", "a hungry queen", "", "can"), "", None),
        "ein müder Vogel kann eine hungrige Königin grüßen",
    ),
    "a young horse finds the big tree": (
        main_first(None, clause("a young horse", "find", "the big tree"), "", None),
        "ein junges Pferd findet den großen Baum",
    ),
    "the clever girl calls my small brother": (
        main_first(None, clause("the clever girl", "call", "my small brother"), "", None),
        "das kluge Mädchen ruft meinen kleinen Bruder",
    ),
    "this strange teacher describes my beautiful picture": (
        main_first(None, clause("this strange teacher", "describe", "my beautiful picture"), "", None),
        "dieser seltsame Lehrer beschreibt mein schönes Bild",
    ),
    "my small child hears this big dog": (
        main_first(None, clause("my small child", "hear", "this big dog"), "", None),
        "mein kleines Kind hört diesen großen Hund",
    ),
    "my father has forgotten a strange letter": (
        main_first(None, clause("my father", "forget", "a strange letter", "", "has"), "", None),
        "mein Vater hat einen seltsamen Brief vergessen",
    ),
    "she hears that a mouse had fallen": (
        main_first(("she", "hear", "that"), clause("a mouse", "fall", "", "", "had"), "", None),
        "sie hört , dass eine Maus gefallen war",
    ),
}


def counterparts() -> dict[str, set[str]]:
    """Of each English word the German words that may stand for it, put together from the lexicon alone."""
    words = german_words
    pairs = [(noun.english, noun.german) for noun in [*words.NOUNS, *words.PRONOUNS]]
    pairs += [pair for verb in words.VERBS for pair in zip(verb[:3], verb[3:6], strict=True)]
    pairs += [*words.ADVERBS.items(), *words.CONJUNCTIONS.items(), *words.SPEAKERS.items(), *words.MODALS.items()]
    pairs += [(english, stem + e) for english, stem in words.ADJECTIVES.items() for e in ("e", "en", "er", "es")]
    pairs += [
        (english, form) for english, genders in words.ARTICLES.items() for two in genders.values() for form in two
    ]
    pairs += [(english, form) for english, two in words.OF_THE_PERFECT.items() for form in two.values()]
    for first, (third, ich, er, wir) in words.SAYING.items():
        pairs += [(first, ich), (third, er), (first, wir)]
    found: dict[str, set[str]] = {}
    for english, german in pairs:
        found.setdefault(english, set()).add(german)
    return found


@pytest.mark.parametrize("english", SENTENCES)
def test_the_german_is_right(english: str) -> None:
    made, german = SENTENCES[english]
    assert " ".join(made.english) == english
    assert " ".join(made.german) == german


def test_each_word_is_aligned_with_a_counterpart_of_its_own_clause() -> None:
    known = counterparts()
    for each in DRAWN:
        places = [place for place in each.alignment if place is not None]
        assert sorted(places) == [at for at, word in enumerate(each.english) if word != ","]
        for word, place in zip(each.german, each.alignment, strict=True):
            assert (place is None) == (word == ",")
            assert place is None or word in known[each.english[place]]


def test_the_second_of_two_equal_words_is_aligned_with_the_second() -> None:
    made = SENTENCES["the man sees the dog"][0]
    assert made.alignment == (0, 1, 2, 3, 4)
    twice = main_first(None, THE_MAN, "because", THE_MAN)
    assert twice.alignment == (0, 1, 2, 3, 4, None, 5, 6, 7, 9, 10, 8)


def test_final_verbs_are_those_of_subordinate_clauses() -> None:
    def final(english: str) -> list[str]:
        made = SENTENCES[english][0]
        return [made.german[place] for place in made.final]

    assert final("the man sees the dog") == []
    assert final("he says where the man sees the dog because she has come") == ["sieht", "gekommen", "ist"]
    assert final("when she has come , the man sees the dog") == ["gekommen", "ist"]
    assert final("my cat has seen a book today although he had slept here") == ["geschlafen", "hatte"]


@pytest.mark.parametrize(
    ("conjunction", "main", "subordinate", "good"),
    [
        ("when", "", "has", True), ("when", "will", "must", True), ("when", "", "had", False),
        ("when", "", "will", False), ("when", "had", "", False), ("before", "will", "", True),
        ("before", "", "will", False), ("before", "has", "had", False), ("before", "", "has", False),
        ("because", "had", "had", True), ("because", "has", "had", True), ("because", "", "had", False),
        ("although", "had", "", False), ("although", "has", "will", True),
    ],
)  # fmt: skip
def test_tenses_go_together_in_both_languages(conjunction: str, main: str, subordinate: str, good: bool) -> None:
    assert go_together(conjunction, main, subordinate) is good


def test_sentences_mix_no_tenses() -> None:
    auxiliaries = set(german_words.AUXILIARIES) - {""}
    seen = set()
    for each in DRAWN:
        text = " ".join(each.english)
        front = text.partition(" ")[0]
        if front in german_words.IN_FRONT:
            conjunction, (subordinate, _, main) = front, text.partition(" , ")
        else:
            conjunction = next((word for word in german_words.BEHIND if f" {word} " in text), "")
            main, _, subordinate = text.partition(f" {conjunction} ") if conjunction else (text, "", "")
        found = ["".join(auxiliaries & set(part.split())) for part in (main, subordinate)]
        assert not conjunction or go_together(conjunction, *found)
        seen.add((conjunction, *found))
    assert ("when", "will", "has") in seen and ("before", "will", "") in seen and ("because", "had", "had") in seen


def test_nobody_is_beautiful_or_my_wife() -> None:
    texts = [" ".join(each.english) for each in DRAWN]
    assert any("beautiful flower" in text for text in texts) and any("my clever mother" in text for text in texts)
    for text in texts:
        assert not re.search(r"\bmy (\w+ )?(man|woman)\b", text)
        assert not any(f"beautiful {noun.english}" in text for noun in german_words.LIVING)


def test_no_pair_that_is_measured_is_trained_on() -> None:
    assert all(each.held_out for each in HELD)
    trained = list(islice(sentences(0, "batches", held_out=False), 3000))
    assert not any(each.held_out for each in trained)
    assert not {each.english for each in HELD} & {each.english for each in trained}
    verbs = [verb for verb in german_words.VERBS if verb not in german_words.WITHOUT_OBJECT]
    kept = [
        (verb, noun)
        for verb in verbs
        for noun in german_words.LIVING
        if clause("he", verb.english_infinitive, f"the {noun.english}").held_out
    ]
    assert 0.05 < len(kept) / (len(verbs) * len(german_words.LIVING)) < 0.2
    seen = {" ".join(each.english) for each in trained}
    for verb, noun in kept:
        for article in german_words.ARTICLES:
            assert not any(f"{verb.english} {article} {noun.english}" in text for text in seen)


def test_equal_seeds_give_equal_sentences() -> None:
    def first(seed: int) -> list[Sentence]:
        return list(islice(sentences(seed, "batches", held_out=False), 20))

    assert first(0) == first(0) != first(1)


def test_every_word_is_in_the_vocabulary_and_every_sentence_fits() -> None:
    assert {word for each in DRAWN for word in each.english} == set(german_words.ENGLISH)
    assert {word for each in DRAWN for word in each.german} == set(german_words.GERMAN)
    assert max(max(len(each.english), len(each.german) + 1) for each in DRAWN) <= translation.LONGEST


def test_a_batch_holds_english_and_the_german_with_its_end() -> None:
    batch = next(translation.batches(0))
    trained = sentences(0, "batches", held_out=False)
    for ids, mask, labels, each in zip(
        batch["input_ids"], batch["attention_mask"], batch["labels"], trained, strict=False
    ):
        assert tuple(VOCABULARY[id_] for id_ in ids[mask.bool()]) == each.english
        assert tuple(VOCABULARY[id_] for id_ in labels[labels != IGNORED]) == (*each.german, "<end>")


def answered(
    monkeypatch: pytest.MonkeyPatch, german: Sequence[Sequence[str]], looked_at: Sequence[Sequence[int | None]]
) -> dict[str, float]:
    """The metrics of a model that writes this German while it looks at these places."""

    def translated(model: Transformer, english: object) -> tuple[list[tuple[str, ...]], Tensor]:
        pattern = torch.zeros(len(HELD), 32, 32)
        for row, places in enumerate(looked_at):
            for at, place in enumerate(places):
                pattern[row, at, place or 0] = 1
        return [tuple(words) for words in german], pattern

    monkeypatch.setattr(translation, "_translated", translated)
    return measure(Transformer(CONFIG), HELD)


def test_metrics_are_one_where_all_is_right_and_fall_with_each_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    german, alignment = [each.german for each in HELD], [each.alignment for each in HELD]
    perfect = answered(monkeypatch, german, alignment)
    assert perfect.pop("alignment_same_place") < 0.5
    assert set(perfect.values()) == {1.0}
    cut = answered(monkeypatch, [words[:-1] for words in german], alignment)
    assert cut["translation_exact"] == 0 and 0.8 < cut["alignment_accuracy"] < 1
    wrong = answered(monkeypatch, [["," for _ in words] for words in german], alignment)
    assert wrong["alignment_accuracy"] == wrong["translation_exact"] == 0
    late = answered(monkeypatch, german, [(0, *places[:-1]) for places in alignment])
    assert late["translation_exact"] == 1 and late["alignment_accuracy"] < 0.2
    final = [[0 if at in each.final else place for at, place in enumerate(each.alignment)] for each in HELD]
    blind = answered(monkeypatch, german, final)
    assert blind["alignment_accuracy_verb_final"] == 0 and blind["alignment_accuracy"] > 0.7


def test_training_is_reported_and_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_STEPS", 2)
    monkeypatch.setattr(translation, "_WARMUP", 1)
    heard: list[Progress] = []

    def trained() -> Trained:
        return translation.train(Training("tasks/encoder-decoder", 3, torch.device("cpu"), heard.append))

    first, second = trained(), trained()
    assert set(heard[-1].scores) == {"exact", "alignment"}
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
    assert first.tokenizer is not None and first.tokenizer.vocab_size == CONFIG.vocab_size
    assert first.tokenizer.encode("I know , ") == [VOCABULARY.index(word) for word in ("I", "know", ",")]


# Of "has come" the bundled model makes "kommen ist": it takes the participle for the infinitive that looks like it.
@pytest.mark.parametrize("english", [english for english in SENTENCES if "has come" not in english])
def test_the_bundled_model_translates(english: str) -> None:
    found = translate(bundle.load("tasks/encoder-decoder"), english.capitalize() + ".")
    assert " ".join(found.english) == english
    assert " ".join(found.german) == SENTENCES[english][1]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("She laughs, because he falls.", "she laughs because he falls"),
        ("I know, that he laughs, because she falls", "I know that he laughs because she falls"),
        ("When she has come, the man sees the dog,", "when she has come , the man sees the dog"),
    ],
)
def test_a_comma_that_english_does_not_have_is_left_out(typed: str, read: str) -> None:
    loaded = bundle.load("tasks/encoder-decoder")
    found = translate(loaded, typed)
    assert " ".join(found.english) == read
    assert found.german == translate(loaded, read).german


def test_the_bundled_model_looks_at_what_it_translates() -> None:
    found = translate(bundle.load("tasks/encoder-decoder"), "I know that the man sees the dog")
    pairs = {word: found.english[at] for word, at in zip(found.german, found.alignment.argmax(-1), strict=True)}
    assert pairs["Mann"] == "man" and pairs["Hund"] == "dog" and pairs["sieht"] == "sees"


def test_a_row_of_the_alignment_is_the_step_that_wrote_the_word() -> None:
    loaded = bundle.load("tasks/encoder-decoder")
    found = translate(loaded, "he says that the man sees the dog")
    assert torch.allclose(found.alignment.sum(-1), torch.ones(len(found.german)))
    source = torch.tensor([[VOCABULARY.index(word) for word in found.english]])
    for at in range(len(found.german)):
        before = torch.tensor([[VOCABULARY.index(word) for word in ("<start>", *found.german[:at])]])
        trace = Trace(only=PATTERN)
        logits = loaded.model(source, decoder_input_ids=before, trace=trace)
        assert VOCABULARY[int(logits[0, -1].argmax())] == found.german[at]
        assert torch.allclose(found.alignment[at], trace[PATTERN][0, :, -1].mean(0), atol=1e-5)


def test_padding_changes_nothing() -> None:
    model = bundle.load("tasks/encoder-decoder").model
    rows = [each.english for each in HELD[:20]]
    german, pattern = translation._translated(model, rows)
    for row, words, looks in zip(rows, german, pattern, strict=True):
        (alone,), own = translation._translated(model, [row])
        assert alone == words
        assert torch.allclose(own[0, : len(words)], looks[: len(words), : len(row)], atol=1e-5)


def test_an_unknown_word_is_named_with_those_that_come_close() -> None:
    loaded = bundle.load("tasks/encoder-decoder")
    with pytest.raises(UsageError, match="'mann'") as caught:
        translate(loaded, "the mann sleeps")
    assert "man" in str(caught.value.hint)
    with pytest.raises(UsageError, match="'Hund'"):
        translate(loaded, "the Hund sleeps")
    with pytest.raises(UsageError, match="at most 32"):
        translate(loaded, "the man " * 17)

"""Sentences: the forms of generated texts, and that no held-out fact is told in a text for training."""

from __future__ import annotations

import contextlib
import re
from random import Random

import pytest

from studycli.engine.miniatures import sentences, statements
from studycli.engine.miniatures.everyday_facts import THINGS
from studycli.engine.miniatures.sentences import Writer, is_held_out, texts
from studycli.engine.miniatures.statements import Make, Statement, fact_of_relation
from studycli.engine.miniatures.transformer_facts import CONCEPTS, MISCONCEPTIONS, RELATIONS


def test_a_seed_gives_its_texts_and_another_gives_others():
    assert texts(3, 50) == texts(3, 50)
    assert texts(3, 50) != texts(4, 50)
    assert not set(texts(3, 50)) & set(texts(3, 50, held_out=True))


def test_no_fact_of_a_held_out_text_is_told_in_a_text_for_training(monkeypatch):
    said: dict[bool, list[Statement]] = {True: [], False: []}
    say = Writer.say

    def recorded(writer: Writer, make: Make) -> Statement:
        statement = say(writer, make)
        said[writer.held_out].append(statement)
        return statement

    monkeypatch.setattr(Writer, "say", recorded)
    texts(0, 3000)
    texts(0, 400, held_out=True)
    told = {part: {fact for statement in said[part] for fact in statement.facts} for part in said}
    assert len(told[True]) > 150 and len(told[False]) > 1000
    assert not told[True] & told[False]
    assert all(map(is_held_out, told[True])) and not any(map(is_held_out, told[False]))


def test_the_words_of_a_held_out_fact_are_in_no_text_for_training():
    """Without the keys: what is said of concepts, things and relations is looked for as words."""
    told = [text.lower() for text in texts(0, 3000)]
    training, lines = "\n".join(told), {re.sub(" +", " ", line) for text in told for line in text.split("\n")}
    held_out = 0
    for concept in CONCEPTS:
        for words, key in zip((*concept.is_, *concept.does), statements.facts_of_concept(concept), strict=True):
            others = [other for other in CONCEPTS if other != concept and words in (*other.is_, *other.does)]
            if is_held_out(key) and len(words.split()) > 3 and not others:
                assert words.lower() not in training
                held_out += 1
    for thing in THINGS:
        is_, place, *uses = map(is_held_out, statements.facts_of_thing(thing))
        name = statements.with_article(thing.name)
        if is_:
            assert not re.search(rf"(?m)(^|[.:] ){name} is {statements.with_article(thing.kind)}\b", training)
        if place:
            assert f"{thing.plural} {thing.place}" not in training
            assert f"{name} {thing.place}" not in training
        for words, held in zip(thing.does, uses, strict=True):
            assert not held or words.lower() not in training
        held_out += is_ + place + sum(uses)
    for related in RELATIONS:
        if is_held_out(fact_of_relation(related)):
            source, verb, target = related
            assert f"| {source} | {target} | {verb} | strong |".lower() not in lines
            names = statements.SHORT_NAMES
            assert f"    {names[source]} -->|{verb}| {names[target]}\n".lower() not in training
            held_out += 1
    assert held_out > 50


def test_several_statements_each_tell_something_new():
    for seed in range(30):
        said = Writer(Random(seed), True).several(statements.misconception, 6, 6)
        told = [key for wrong, _ in MISCONCEPTIONS if is_held_out(key := f"misconception {wrong}")]
        assert 1 <= len(said) <= len(told) < 6


def test_every_form_says_something_in_either_part():
    for held_out in (False, True):
        writer = Writer(Random(1), held_out)
        for form, _ in sentences._FORMS:
            made = None
            while made is None:
                with contextlib.suppress(sentences._NothingLeftError):
                    made = form(writer)
            assert len(made) > 8


def test_tables_have_cells_as_wide_as_their_column():
    tables = [sentences._matrix(Writer(Random(seed), False)).split("\n") for seed in range(30)]
    aligned = [lines for lines in tables if "|---|" not in lines[1]]
    assert 10 < len(aligned) < 30
    for lines in aligned:
        assert {tuple(match.start() for match in re.finditer(r"\|", line)) for line in lines} == {
            tuple(match.start() for match in re.finditer(r"\|", lines[1]))
        }


@pytest.mark.parametrize("held_out", [False, True])
def test_a_tree_says_what_the_relations_of_its_part_say(held_out):
    for seed in range(20):
        parent = ""
        for line in sentences._tree(Writer(Random(seed), held_out)).split("\n")[2:-1]:
            name = line.lstrip("│├└─ ")
            if line[0] in "├└":
                parent = name
                continue
            told = [(parent, "contains", name), (name, "part-of", parent), (name, "variant-of", parent)]
            assert [is_held_out(fact_of_relation(each)) for each in told if each in RELATIONS] == [held_out]


@pytest.mark.parametrize("held_out", [False, True])
def test_a_card_names_related_concepts_where_a_relation_of_its_part_does(held_out):
    cards = [sentences._card(Writer(Random(seed), held_out)) for seed in range(60, 120)]
    named = [
        match.groups()
        for card in cards
        if (match := re.search(r"\*\*Concept:\*\* (.+)\n\*\*Related Concepts:\*\* (.+)\n", card))
    ]
    assert 0 < len(named) < len(cards)
    for concept, related in named:
        for other in related.split(", "):
            between = [each for each in RELATIONS if {each[0], each[2]} == {concept, other} and concept != other]
            assert held_out in [is_held_out(fact_of_relation(each)) for each in between]

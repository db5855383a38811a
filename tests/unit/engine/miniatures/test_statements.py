"""Statements: that what is generated is true, and that a fact has one key in all its wordings."""

from __future__ import annotations

import contextlib
import io
import re
from fractions import Fraction
from random import Random

import pytest
import torch

from studycli.engine.miniatures import number_statements, statements
from studycli.engine.miniatures.everyday_facts import NUMBERS, THINGS
from studycli.engine.miniatures.statements import Make
from studycli.engine.miniatures.transformer_facts import BY_NAME, CONCEPTS, OBJECTS, RELATIONS


def drawn(make: Make, count: int = 600) -> list[str]:
    """Texts of as many seeds."""
    return [make(Random(seed)).text for seed in range(count)]


def found(pattern: str, made: list[str], least: int = 15) -> list[tuple[str, ...]]:
    """The groups of the texts that a pattern matches as a whole, which are as many at least."""
    groups = [match.groups() for text in made if (match := re.fullmatch(pattern, text))]
    assert len(groups) >= least, pattern
    return groups


def number(text: str) -> int:
    """A number in digits, with commas or without."""
    return int(text.replace(",", ""))


@pytest.mark.parametrize(
    ("makes", "key"),
    [
        ((statements.relation, statements.relation_row, statements.relation_arrow), None),
        ((statements.misconception,), None),
        ((statements.fact,), None),
        ((statements.of_concept(BY_NAME["Softmax"]), statements.asked_of_concept(BY_NAME["Softmax"]),
          statements.defined(BY_NAME["Softmax"])), set(statements.facts_of_concept(BY_NAME["Softmax"]))),
        ((statements.of_thing(THINGS[0]), statements.asked_of_thing(THINGS[0])),
         set(statements.facts_of_thing(THINGS[0]))),
    ],
)  # fmt: skip
def test_a_fact_has_one_key_in_all_its_wordings(makes, key):
    told = [{fact for seed in range(800) for fact in make(Random(seed)).facts} for make in makes]
    wordings = {make(Random(seed)).text for make in makes for seed in range(800)}
    assert all(each == told[0] for each in told)
    assert len(wordings) > 2 * len(told[0])
    assert key is None or told[0] == key


def test_the_key_of_a_sum_is_that_of_the_same_sum_the_other_way_round_in_words_and_in_code():
    def keys(make: Make, pattern: str) -> set[str]:
        made = [make(Random(seed)) for seed in range(4000)]
        return {fact for each in made if re.search(pattern, each.text) for fact in each.facts}

    assert (
        keys(number_statements.counted, r"^3 \+ 4 =") == keys(number_statements.counted, r"^4 \+ 3 =") == {"3 plus 4"}
    )
    assert keys(number_statements.counted, "^(Three .* and four|Four .* and three)") == {"3 plus 4"}
    assert keys(number_statements.coded, r"add\((3, 4|4, 3)\)") == {"3 plus 4"}


def test_every_relation_is_between_concepts_and_nothing_is_there_twice():
    assert {end for source, _, target in RELATIONS for end in (source, target)} <= set(BY_NAME)
    assert len(RELATIONS) == len(set(RELATIONS))
    assert len(BY_NAME) == len(CONCEPTS)
    assert len({thing.name for thing in THINGS}) == len(THINGS)
    assert len(set(statements.SHORT_NAMES.values())) == len(CONCEPTS)


def test_relations_read_as_sentences():
    made = set(drawn(statements.relation, 3000))
    assert "An attention score depends on a query." in made
    assert "Self-attention averages values." in made
    assert "LoRA is a way of fine-tuning." in made
    assert "On the map, an attention head is a part of multi-head attention." in made
    assert not [text for text in made if re.search(r"(stores|averages|uses|turns) a (key|query|value)", text)]
    assert all(OBJECTS[related] for related in RELATIONS)


def test_sums_products_and_differences_are_right():
    made = drawn(number_statements.counted, 800)
    assert all(int(a) + int(b) == int(c) for a, b, c in found(r"(\d+) \+ (\d+) = (\d+)", made))
    assert all(int(a) * int(b) == int(c) for a, b, c in found(r"(\d+) times (\d+) is (\d+)\.", made))
    for less, more, left, verb in found(r"If you take (\d+) from (\d+), (\d+) (remains?)\.", made):
        assert int(more) - int(less) == int(left) >= 0
        assert verb == ("remains" if left == "1" else "remain")


def test_sums_in_words_are_right_and_agree_in_number():
    made = drawn(number_statements.counted, 800)
    named = {thing.name: thing.plural for thing in THINGS}
    for *words, plural in found(r"(\w+) ([\w ]+) and (\w+) ([\w ]+) are (\w+) ([\w ]+)\.", made):
        a, one, b, other, total = words
        assert NUMBERS.index(a.lower()) + NUMBERS.index(b) == NUMBERS.index(total)
        for count, name in ((a.lower(), one), (b, other)):
            assert named[name] == plural if count == "one" else name == plural


def test_things_are_where_they_are_found():
    places = {thing.plural: thing.place for thing in THINGS}
    asked = [line for thing in THINGS for line in drawn(statements.asked_of_thing(thing), 30)]
    for plural, place in found(r"Where do you find ([\w ]+)\?\n([\w ]+)\.", asked):
        assert place == statements.capital(places[plural])
    assert statements.of_thing(THINGS[0])(Random(0)).text.lower().count(THINGS[0].name) == 1
    assert places["trains"] == "at the station" and places["thermometers"] == "at the window"


def test_sizes_follow_from_each_other():
    made = drawn(number_statements.sized, 1500)
    of_width = r"With d_model = ([\d,]+) and (\d+) heads, each head has (\d+) dimensions\."
    assert all(number(width) == int(heads) * int(head) for width, heads, head in found(of_width, made))
    of_heads = r"(\d+) heads of (\d+) dimensions make a width of ([\d,]+)\."
    assert all(int(heads) * int(head) == number(width) for heads, head, width in found(of_heads, made))
    of_scores = r"A text of ([\d,]+) tokens has ([\d,]+) × ([\d,]+) = ([\d,]+) scores in every head\."
    assert all(a == b == c and number(a) ** 2 == number(d) for a, b, c, d in found(of_scores, made))
    of_twice = r"Twice as many tokens as ([\d,]+) are ([\d,]+), and they need four times as many scores\."
    assert all(2 * number(n) == number(twice) for n, twice in found(of_twice, made))
    of_shapes = r"Q has shape (\(\d+, \d+\)), Kᵀ has shape (\(\d+, \d+\)), so Q·Kᵀ has shape (\(\d+, \d+\))\."
    for shapes in found(of_shapes, made):
        q, k, scores = ([int(size) for size in re.findall(r"\d+", shape)] for shape in shapes)
        assert q[1] == k[0] and [q[0], k[1]] == scores
    of_root = r"At d_k = (\d+) scores are divided by √(\d+) = ([\d.]+)\."
    assert all(a == b and float(root) == pytest.approx(int(a) ** 0.5, abs=0.01) for a, b, root in found(of_root, made))
    of_feed_forward = r"A feed-forward network of (\d+) → ([\d,]+) → (\d+) has 8 × (\d+)² = ([\d,]+) weights\."
    for width, inner, out, base, weights in found(of_feed_forward, made):
        assert width == out == base and number(inner) == 4 * int(width)
        assert number(weights) == 2 * int(width) * number(inner)
    of_shares = r"An average of (\d+) equal weights gives each token (1/\d+) of the attention\."
    assert all(int(n) * Fraction(share) == 1 for n, share in found(of_shares, made))


def test_a_thing_is_where_it_was_taken_last():
    made = drawn(statements.moved)
    of_two = r"(\w+) put the (\w+) in the (\w+)\. (\w+) took the (\w+) to the (\w+)\. The (\w+) is now in the (\w+)\."
    for first, thing, here, second, taken, there, it, now in found(of_two, made):
        assert first != second and here != there == now and thing == taken == it
    still = r"(\w+) left the (\w+) in the (\w+), and nobody moved it\. The (\w+) is still in the (\w+)\."
    assert all(thing == it and here == now for _, thing, here, it, now in found(still, made))
    sought = r"\w+ looked for the (\w+) in the (\w+) and found it in the (\w+)\. It had been in the (\w+) all day\."
    assert all(here != there == now for _, here, there, now in found(sought, made))


def test_a_thing_is_with_whom_it_was_given_to():
    made = drawn(statements.given)
    of_gift = r"When (\w+) and (\w+) went to the \w+, (\w+) gave the (\w+) to (\w+)\. Now (\w+) has the (\w+)\."
    for first, second, giver, thing, taker, has, it in found(of_gift, made):
        assert first == giver != taker == second == has and thing == it
    of_swap = (
        r"(\w+) has the (\w+), and (\w+) has the (\w+)\. They swap in the \w+\. "
        r"Now (\w+) has the (\w+), and (\w+) has the (\w+)\."
    )
    for first, thing, second, other, *after in found(of_swap, made):
        assert after == [second, thing, first, other] and first != second and thing != other
    of_loan = r"(\w+) lent the (\w+) to (\w+)\. A week later (\w+) gave the (\w+) back to (\w+)\."
    for owner, thing, borrower, giver, it, taker in found(of_loan, made):
        assert owner == taker != giver == borrower and thing == it


def test_the_fact_of_a_story_is_how_it_ends():
    for seed in range(200):
        moved, given = (make(Random(seed)) for make in (statements.moved, statements.given))
        place = re.search(r"in the (\w+)\.$|in the (\w+) all day\.$", moved.text)
        assert place and moved.facts[0].endswith(f" in the {place[1] or place[2]}")
        taker = re.search(r"(?:Now|back to) (\w+)", given.text)
        assert taker and given.facts[0].startswith(f"{taker[1]} has the ")
        assert len(given.facts) == (2 if "swap" in given.text else 1)


def test_days_and_months_follow_each_other():
    made = set(drawn(number_statements.dated))
    assert "After Sunday comes Monday." in made
    assert "Before January comes December, and after it February." in made
    assert "Monday lies between Sunday and Tuesday." in made
    assert not any(" in Monday" in text or " on April" in text for text in made)


def test_code_prints_what_it_says():
    ran = 0
    for code in set(drawn(number_statements.coded, 300)):
        said = re.search(r"print\(.*\)  # (\d+)$", code)
        if said and "torch" not in code and "pattern" not in code and not code.startswith("for"):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, {})
            assert printed.getvalue().strip() == said[1], code
            ran += 1
    assert ran > 50


def test_shapes_in_code_are_those_that_torch_gives():
    for code in [code for code in drawn(number_statements.coded, 80) if "torch.randn" in code]:
        names = {"torch": torch}
        exec(code, names)
        assert f"# {tuple(names['scores'].shape)}" in code

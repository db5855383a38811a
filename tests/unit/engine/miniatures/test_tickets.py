"""Tickets: what makes one urgent, that nothing held out is trained on, and what the bundled encoder tells."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor

from studycli.engine.miniatures import bundle, tickets
from studycli.engine.miniatures.recipe import Progress, Trained, Training
from studycli.engine.miniatures.tickets import CONFIG, LABELS, LONGEST, VOCABULARY, Phrase, Ticket, classify, measure
from studycli.engine.model import Transformer
from studycli.errors import UsageError

LOW, NORMAL, HIGH = range(3)
TRAINED = list(islice(tickets.tickets(0, "batches", held_out=False), 4000))
HELD = tickets.held_out_tickets(1)


class Oracle(Transformer):
    """Knows the label of each of these tickets by its ids, and says `low` to all others."""

    def __init__(self, known: list[Ticket]) -> None:
        super().__init__(CONFIG)
        self.known = {tuple(VOCABULARY.index(word) for word in row.text.split()): row.label for row in known}

    def classify(self, input_ids: Tensor, *, attention_mask: Tensor | None = None, **_: Any) -> Tensor:
        assert attention_mask is not None
        rows = [tuple(row[keep.bool()].tolist()) for row, keep in zip(input_ids, attention_mask, strict=True)]
        assert {row[0] for row in rows} == {VOCABULARY.index("<cls>")}
        return torch.eye(3)[[self.known.get(row[1:], LOW) for row in rows]]


def trained(steps: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Trained, list[Progress]]:
    monkeypatch.setattr(tickets, "_STEPS", steps)
    monkeypatch.setattr(tickets, "_WARMUP", 1)
    heard: list[Progress] = []
    return tickets.train(Training("tasks/encoder", 3, torch.device("cpu"), heard.append)), heard


@pytest.mark.parametrize(
    ("points", "label"),
    [([2], HIGH), ([1], NORMAL), ([0], LOW), ([2, -1], NORMAL), ([1, 1], HIGH), ([0, -1], LOW), ([2, 1, 1], HIGH),
     ([-9, 9], LOW), ([9, -1, 0], HIGH), ([2, 1, 1, -9], LOW)],
)  # fmt: skip
def test_urgency_adds_up_unless_it_is_settled_or_said(points: list[int], label: int) -> None:
    assert tickets.urgency([Phrase("", each) for each in points]) == label


def test_what_is_not_urgent_or_resolved_is_low_whatever_else_there_is() -> None:
    seen = set()
    for row in TRAINED:
        if any(said in row.text for said in ("is not urgent", "is resolved", "any more", "up again", "does work")):
            assert row.label == LOW
        elif "this is urgent" in row.text:
            assert row.label == HIGH
        else:
            seen.add(row.label)
    assert seen == {LOW, NORMAL, HIGH}


def test_no_ticket_contradicts_itself() -> None:
    now = r"(?:is (?:down|slow|not up)|has crashed|does not work|loses)(?! any more)"
    settled = r"is resolved|is up again|does work|any more"
    kept = "nobody|not everybody|affected|this is urgent|not resolved|cannot wait|within the hour|deadline is today"
    far, close = "it can wait|not today|next month|do not need|when you", "cannot wait|is today|we need it within"
    for row in [*TRAINED, *HELD]:
        if re.search(settled, row.text):
            assert not re.search(f"{now}|{kept}", row.text)
        assert not ("this is urgent" in row.text and re.search(far, row.text))
        assert not ("not urgent" in row.text and re.search(close, row.text))
    assert sum("is resolved" in row.text for row in TRAINED) > 200
    assert sum("not resolved" in row.text for row in TRAINED) > 200


def test_a_ticket_has_one_but_at_most_and_only_between_phrases_that_pull_apart() -> None:
    points = {each.text: each.points for each in tickets._PHRASES}
    counts = [row.text.split().count("but") for row in TRAINED]
    assert set(counts) == {0, 1}
    for row in TRAINED:
        before, but, after = system_free(row).partition(" but ")
        if but:
            left, right = (parts(side)[at] for side, at in ((before, -1), (after, 0)))
            assert (points[left[-1]] > 0) != (points[right[-1]] > 0)


def test_each_urgency_and_negation_is_common() -> None:
    for label in (LOW, NORMAL, HIGH):
        assert sum(row.label == label for row in TRAINED) > 0.15 * len(TRAINED)
    assert 0.15 < sum(row.negated for row in TRAINED) / len(TRAINED) < 0.5
    for row in TRAINED:
        assert not row.negated or {"not", "no", "cannot"} & set(row.text.split())


def system_free(row: Ticket) -> str:
    """The text with `{}` for the system, whichever it is."""
    return re.sub("|".join(tickets._SYSTEMS), "{}", row.text)


def parts(text: str) -> list[list[str]]:
    """The phrases of a text without its system, in order; one that has an opening comes behind it."""
    openings = "|".join(sorted((each.text for each in tickets._OPENINGS), key=len, reverse=True))
    found = []
    for part in re.split(" and | but | , ", text):
        opened = re.fullmatch(f"({openings}) (.*)", part)
        found.append(list(opened.groups()) if opened else [part])
    return found


def combination(row: Ticket) -> frozenset[str]:
    """The phrases of a ticket, in no order, of no system."""
    return frozenset(phrase for part in parts(system_free(row)) for phrase in part)


def test_no_combination_that_is_measured_is_trained_on_in_any_order_or_with_any_system() -> None:
    assert not any(row.held_out for row in TRAINED) and all(row.held_out for row in HELD)
    assert len({system_free(row) for row in HELD}) == len(HELD) == 1000
    kept, seen = set(map(combination, HELD)), set(map(combination, TRAINED))
    assert set().union(*kept, *seen) == {each.text for each in tickets._PHRASES}
    assert len(kept) > 200 and len(seen) > 1000
    assert not kept & seen


def test_equal_seeds_give_equal_tickets() -> None:
    def first(seed: int) -> list[Ticket]:
        return list(islice(tickets.tickets(seed, "batches", held_out=False), 50))

    assert first(0) == TRAINED[:50] != first(1)


def test_every_word_is_in_the_vocabulary_and_every_ticket_fits() -> None:
    words = [row.text.split() for row in [*TRAINED, *HELD]]
    assert {word for row in words for word in row} == set(tickets.WORDS)
    assert LONGEST - 10 < max(map(len, words)) <= LONGEST - 6


def test_a_batch_begins_with_the_class_token_and_masks_its_padding() -> None:
    batch = next(tickets.batches(0))
    ids, mask = batch["input_ids"], batch["attention_mask"]
    assert ids.shape == mask.shape and len(batch["labels"]) == len(ids) == 64
    for row, keep, label, ticket in zip(ids, mask, batch["labels"], TRAINED, strict=False):
        assert [VOCABULARY[id_] for id_ in row[keep.bool()]] == ["<cls>", *ticket.text.split()]
        assert set(row[keep == 0].tolist()) <= {VOCABULARY.index("<pad>")}
        assert label == ticket.label


def test_metrics_are_parts_of_all_and_of_the_negated() -> None:
    rows = [row for row in HELD if row.label != LOW][:200]
    plain = [row for row in rows if not row.negated]
    assert measure(Oracle(rows), rows)["ticket_accuracy"] == 1
    found = measure(Oracle(plain), rows)
    assert found["ticket_accuracy"] == pytest.approx(len(plain) / len(rows))
    assert found["ticket_accuracy_negated"] == 0


def test_a_bag_of_words_learns_the_same_whenever_and_knows_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "_STEPS", 60)
    with torch.inference_mode():  # as the model cards are measured
        first, again = (tickets.measure_bag_of_words.__wrapped__(0, HELD) for _ in range(2))
    assert first == again
    assert set(first) == {"ticket_accuracy_bag_of_words", "ticket_accuracy_negated_bag_of_words"}
    assert 0.5 < first["ticket_accuracy_bag_of_words"] < 1
    shuffled = tuple(replace(row, text=" ".join(reversed(row.text.split()))) for row in HELD)
    assert tickets.measure_bag_of_words.__wrapped__(0, shuffled) == first
    assert tickets.measure_bag_of_words.__wrapped__(1, HELD) != first


def test_training_is_reported_and_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    (first, heard), (second, _) = trained(3, monkeypatch), trained(3, monkeypatch)
    assert [each.step for each in heard] == [1, 2, 3]
    assert set(heard[-1].scores) == {"accuracy", "negated", "previous_token", "duplicate_token"}
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
    assert first.tokenizer is not None and first.tokenizer.vocab_size == CONFIG.vocab_size
    text = "<cls> the wiki is down"
    assert first.tokenizer.encode(text) == [VOCABULARY.index(word) for word in text.split()]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The payroll server is down and nobody can log in.", "high"),
        ("When you have time please change my display name.", "low"),
        ("the printer is slow", "normal"),
        ("the printer is slow and this is urgent", "high"),
        ("the printer is down but this is not urgent", "low"),
        ("the printer is not down any more", "low"),
        ("the database is down and it can wait", "normal"),
        ("the database is down and it cannot wait", "high"),
        ("the database was down but this is resolved", "low"),
        ("the printer - is down.", "high"),
    ],
)
def test_the_bundled_encoder_tells_how_urgent_a_ticket_is(text: str, label: str) -> None:
    found = classify(bundle.load("tasks/encoder"), text)
    assert tuple(found) == LABELS and sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda name: found[name]) == label


def test_an_unknown_word_is_named_with_those_that_come_close() -> None:
    loaded = bundle.load("tasks/encoder")
    with pytest.raises(UsageError, match="'printers'") as caught:
        classify(loaded, "the printers is down")
    assert "printer" in str(caught.value.hint)
    with pytest.raises(UsageError, match="no words"):
        classify(loaded, " . ")
    with pytest.raises(UsageError, match="no words"):
        classify(loaded, " , - ")
    with pytest.raises(UsageError, match="at most 34"):
        classify(loaded, "the " * 35)


def test_a_ticket_is_negated_where_its_negations_decide() -> None:
    random = Random(5)
    drawn = [tickets.ticket(random) for _ in range(3000)]
    for row in drawn:
        if row.text.startswith("the") and row.text.count(" ") < 5 and "does not work" in row.text:
            assert row.negated and row.label in (NORMAL, HIGH)
    decided = [row for row in drawn if row.text == "please change my display name and this is not urgent"]
    assert decided and not any(row.negated for row in decided)

"""Tickets: support tickets in plain words, how urgent each is, and the encoder that tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from studycli.engine.config import Config
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures.held_out import is_held_out
from studycli.engine.miniatures.prompt import known_words
from studycli.engine.miniatures.recipe import Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.miniatures.watching import best_heads
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.training import classification_loss

LABELS = ("low", "normal", "high")
"""The urgencies, by their label."""


class Phrase(NamedTuple):
    """What a ticket says, the points that it adds to the urgency, and whether a negation is what decides them."""

    text: str
    points: int
    negated: bool = False


_SETTLED, _URGENT = -9, 9
_SYSTEMS = (
    "payroll server", "mail server", "web shop", "database", "phone line", "printer", "wiki", "calendar",
    "door lock", "backup",
)  # fmt: skip
_FAULTS = (
    Phrase("the {} is down", 2), Phrase("the {} has crashed", 2), Phrase("the {} does not work", 2, True),
    Phrase("the {} is not up", 2, True), Phrase("the {} is slow", 1), Phrase("the {} does not work well", 1, True),
    Phrase("the {} loses some changes", 1),
)  # fmt: skip
_MENDED = (
    Phrase("the {} is up again", _SETTLED), Phrase("the {} does work", _SETTLED),
    Phrase("the {} is not down any more", _SETTLED, True), Phrase("the {} is not slow any more", _SETTLED, True),
)  # fmt: skip
_REQUESTS = (
    Phrase("please change my display name", 0), Phrase("please add a picture to the {}", 0),
    Phrase("i have a question about the {}", 0), Phrase("please show me the {}", 0),
    Phrase("i would like a new chair", 0),
)  # fmt: skip
_AFFECTED = (
    Phrase("nobody can log in", 1), Phrase("everybody can log in", 0), Phrase("nobody can work", 1),
    Phrase("everybody can work", 0), Phrase("not everybody can log in", 1, True), Phrase("only my team is affected", 0),
    Phrase("not only my team is affected", 1, True), Phrase("the whole office is affected", 1),
    Phrase("the whole office is not affected", 0, True),
)  # fmt: skip
_DEADLINES = (
    Phrase("it can wait", -1), Phrase("it cannot wait", 1, True), Phrase("we need it within the hour", 1),
    Phrase("we do not need it within the hour", -1, True), Phrase("the deadline is today", 1),
    Phrase("the deadline is not today", -1, True), Phrase("customers are waiting", 1),
    Phrase("no customers are waiting", -1, True), Phrase("we need it next month", -1),
)  # fmt: skip
_STATUSES = (
    Phrase("this is urgent", _URGENT), Phrase("this is not urgent", _SETTLED, True),
    Phrase("this is not resolved", 0, True),
)  # fmt: skip
_OPENINGS = (
    Phrase("when you have time", -1), Phrase("before the end of the day", 1),
    Phrase("not before the end of the day", -1, True),
)  # fmt: skip
_PAST = (Phrase("the {} was down", 2), Phrase("the {} was slow", 1), Phrase("the {} did not work", 2, True))
_RESOLVED, _UNRESOLVED = (Phrase("this is resolved", _SETTLED),), (_STATUSES[2],)
_WORKING = (Phrase("everybody can log in", 0), Phrase("everybody can work", 0))
_CALM = (Phrase("no customers are waiting", -1, True), Phrase("the deadline is not today", -1, True))


class Situation(NamedTuple):
    """How often it is drawn, the kinds that have a phrase in it and those that may have one, none contradicting."""

    weight: int
    always: tuple[tuple[Phrase, ...], ...]
    sometimes: tuple[tuple[Phrase, ...], ...]


_SITUATIONS = (
    Situation(5, (_FAULTS,), (_AFFECTED, _DEADLINES, _STATUSES)),
    Situation(1, (_MENDED,), (_WORKING, _CALM, (*_RESOLVED, _STATUSES[1]))),
    Situation(3, (_REQUESTS,), (_DEADLINES, _STATUSES)),
    Situation(1, (_PAST, _RESOLVED), (_WORKING, _CALM)),
    Situation(1, (_PAST, _UNRESOLVED), (_AFFECTED, _DEADLINES)),
)
_FREQUENCIES = [each.weight for each in _SITUATIONS]
_PHRASES = {phrase for each in _SITUATIONS for kind in (*each.always, *each.sometimes, _OPENINGS) for phrase in kind}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket, its label in LABELS, whether it is kept from training, and whether negations decide its label.

    It is `negated` where the label would be another one if the phrases with a negation were not there.
    """

    text: str
    label: int
    held_out: bool
    negated: bool


def ticket(random: Random) -> Ticket:
    """A ticket of one to four phrases.

    Urgency depends on all of them: what is settled or not urgent is low, and else what is urgent is high. Else a
    system that is or was down counts 2, one with a fault 1 and a wish 0; many people affected or a close deadline count
    1 more, a far one 1 less. Two points are high, one is normal, less is low.

    Whether it is held out depends on its phrases alone: with them every system, order and joiner is held out.
    """
    phrases, said = _drawn(random)
    while _contradictory(phrases):
        phrases, said = _drawn(random)
    label = urgency(phrases)
    negated = urgency([phrase for phrase in phrases if not phrase.negated]) != label
    held_out = is_held_out(*sorted(phrase.text for phrase in phrases))
    return Ticket(_joined(random, said).format(random.choice(_SYSTEMS)), label, held_out, negated)


def _drawn(random: Random) -> tuple[list[Phrase], list[Phrase]]:
    """The phrases of a situation, and as they are said: in random order, and a wish together with its opening."""
    (situation,) = random.choices(_SITUATIONS, _FREQUENCIES)
    kinds = [*situation.always, *(kind for kind in situation.sometimes if random.random() < 0.45)]
    phrases = [random.choice(kind) for kind in kinds]
    said = random.sample(phrases, len(phrases))
    if _REQUESTS in kinds and _DEADLINES not in kinds and random.random() < 0.4:
        opening, wish = random.choice(_OPENINGS), phrases[0]
        phrases.append(opening)
        said[said.index(wish)] = Phrase(f"{opening.text} {wish.text}", wish.points)
    return phrases, said


def _contradictory(phrases: Sequence[Phrase]) -> bool:
    """Whether it is urgent with a far deadline, or not urgent with a close one."""
    urgent, not_urgent = _STATUSES[0] in phrases, _STATUSES[1] in phrases
    deadlines = [phrase.points for phrase in phrases if phrase in (*_DEADLINES, *_OPENINGS)]
    return any((urgent and points < 0) or (not_urgent and points > 0) for points in deadlines)


def _joined(random: Random, said: Sequence[Phrase]) -> str:
    """Phrases with commas or `and` between, and perhaps one `but`, where a phrase that adds points meets another."""
    joiners = [random.choice(("and", ","))] * (len(said) - 1)
    contrasts = [at for at in range(len(joiners)) if (said[at].points > 0) != (said[at + 1].points > 0)]
    if contrasts and random.random() < 0.5:
        joiners[random.choice(contrasts)] = "but"
    return said[0].text + "".join(f" {joiner} {phrase.text}" for joiner, phrase in zip(joiners, said[1:], strict=True))


def urgency(phrases: Sequence[Phrase]) -> int:
    """The label of a ticket that says this."""
    points = [phrase.points for phrase in phrases]
    if _SETTLED in points:
        return 0
    return max(0, min(sum(points), 2))


def tickets(seed: int, purpose: str, *, held_out: bool) -> Iterator[Ticket]:
    """Tickets without end: those of training, or those whose phrases never come together in training."""
    random = Random(f"{seed}/tickets/{purpose}")
    while True:
        found = ticket(random)
        if found.held_out == held_out:
            yield found


PAD, CLS, UNKNOWN = "<pad>", "<cls>", "<unk>"
WORDS = sorted(
    {word for phrase in _PHRASES for word in phrase.text.replace("{}", "").split()}
    | {word for system in _SYSTEMS for word in system.split()}
    | {"and", "but", ","}
)
VOCABULARY = [PAD, CLS, UNKNOWN, *WORDS]
LONGEST = 34
"""In words. Tickets of training have up to 28; a learner's may be longer, not by much: no such place was learned."""
CONFIG = Config(
    architecture="encoder", vocab_size=len(VOCABULARY), d_model=64, n_layers=2, n_heads=4, d_ff=128,
    max_length=LONGEST + 1, n_labels=len(LABELS), pad_id=0,
)  # fmt: skip
_IDS = {word: id_ for id_, word in enumerate(VOCABULARY)}
_STEPS, _WARMUP, _ROWS, _HELD = 2400, 50, 64, 1000


def batches(seed: int) -> Iterator[Mapping[str, Tensor]]:
    """Batches without end of training tickets: `input_ids` and `attention_mask` (64, seq), `labels` (64)."""
    found = tickets(seed, "batches", held_out=False)
    while True:
        rows = list(islice(found, _ROWS))
        labels = torch.tensor([row.label for row in rows])  # (rows)
        yield {**_inputs([row.text.split() for row in rows]), "labels": labels}


def train(training: Training) -> Trained:
    """Train the checkpoint `tasks/encoder`."""
    model = Transformer(CONFIG, seed=training.seed)
    held = tuple(islice(tickets(training.seed, "watched", held_out=True), 200))
    training.run(
        model, batches(training.seed), classification_loss, steps=_STEPS, peak=2e-3, warmup=_WARMUP,
        scores=partial(_watched, held),
    )  # fmt: skip
    return Trained(model, word_tokenizer(VOCABULARY, unknown=UNKNOWN, first=CLS), labels=LABELS)


@cache
def held_out_tickets(seed: int) -> tuple[Ticket, ...]:
    """1000 tickets to measure the model on, of combinations never seen; they differ in more than the system."""
    drawn = islice(tickets(seed, "held out", held_out=True), 6 * _HELD)
    return tuple({re.sub("|".join(_SYSTEMS), "", row.text): row for row in drawn}.values())[:_HELD]


def measure(model: Transformer, held: Sequence[Ticket]) -> dict[str, float]:
    """The part of these tickets that is told right, and the part of those that a negation decides."""
    return _right(_predicted(model, [row.text.split() for row in held]), held)


@cache
def measure_bag_of_words(seed: int, held: tuple[Ticket, ...]) -> dict[str, float]:
    """The same, of a classifier that knows how often a word is there but not where, and so what no `not` belongs to.

    It is a net with one hidden layer, trained on the word counts of the very batches that the encoder learns from; in
    float64, so that another processor's rounding stays below what would change an answer.
    """
    counts = _counts(_inputs([row.text.split() for row in held]))  # (rows, vocab)
    right = _right(_bag_of_words(seed)(counts).argmax(-1), held)
    return {f"{metric}_bag_of_words": value for metric, value in right.items()}


def _bag_of_words(seed: int) -> torch.nn.Module:
    """The net from word counts (rows, vocab) to logits (rows, labels), trained."""
    counts, labels = zip(*((_counts(batch), batch["labels"]) for batch in islice(batches(seed), _STEPS)), strict=True)
    with torch.inference_mode(False), torch.enable_grad():
        sizes, random = (len(VOCABULARY), 64, len(LABELS)), generator(seed, "tickets", "bag of words")
        net = torch.nn.Sequential(torch.nn.Linear(*sizes[:2]), torch.nn.Tanh(), torch.nn.Linear(*sizes[1:])).double()
        for weights in net.parameters():
            torch.nn.init.normal_(weights, std=0.1, generator=random)
        adam = torch.optim.Adam(net.parameters(), lr=0.02)
        for rows, right in zip(torch.split(torch.cat(counts), 256), torch.split(torch.cat(labels), 256), strict=True):
            adam.zero_grad()
            torch.autograd.backward(functional.cross_entropy(net(rows), right))
            adam.step()
    return net


def _counts(inputs: Mapping[str, Tensor]) -> Tensor:
    """How often each word of the vocabulary is in each row, (rows, vocab)."""
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    counts = torch.zeros(len(ids), len(VOCABULARY), dtype=torch.float64)  # (rows, vocab)
    return counts.scatter_add(1, ids, mask.double())  # (rows, vocab)


@torch.inference_mode()
def classify(loaded: Loaded, text: str) -> dict[str, float]:
    """The probability of each urgency, by its name, for a ticket in words of `WORDS`.

    Raises UsageError for a word that is not among them, and for more than 34.
    """
    words = known_words(text, frozenset(WORDS), LONGEST)
    logits = loaded.model.classify(_inputs([words])["input_ids"])[0]  # (labels)
    return dict(zip(LABELS, logits.softmax(-1).tolist(), strict=True))


def _right(predicted: Tensor, held: Sequence[Ticket]) -> dict[str, float]:
    right = predicted == torch.tensor([row.label for row in held])  # (rows)
    negated = torch.tensor([row.negated for row in held])  # (rows)
    parts = {"ticket_accuracy": right, "ticket_accuracy_negated": right[negated]}
    return {metric: float(part.double().mean()) for metric, part in parts.items()}


@torch.inference_mode()
def _predicted(model: Transformer, rows: Sequence[Sequence[str]]) -> Tensor:
    inputs = _inputs(rows)
    logits = model.classify(inputs["input_ids"], attention_mask=inputs["attention_mask"])  # (rows, labels)
    return logits.argmax(-1).cpu()  # (rows)


def _watched(held: Sequence[Ticket], model: Transformer) -> dict[str, float]:
    metrics = measure(model, held)
    given = _inputs([row.text.split() for row in held])
    heads = best_heads(model, given["input_ids"], given["attention_mask"])
    return {"accuracy": metrics["ticket_accuracy"], "negated": metrics["ticket_accuracy_negated"]} | heads


def _inputs(rows: Sequence[Sequence[str]]) -> dict[str, Tensor]:
    """`input_ids`, each row after the token that the class is read from, and `attention_mask`, both (rows, seq)."""
    listed = [torch.tensor([_IDS[CLS], *(_IDS[word] for word in row)]) for row in rows]
    ids = pad_sequence(listed, batch_first=True, padding_value=_IDS[PAD])  # (rows, seq)
    return {"input_ids": ids, "attention_mask": (ids != _IDS[PAD]).long()}

"""Tickets: support tickets in plain words, how urgent each is, and the encoder that tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from studycli.engine.config import Config
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures.held_out import is_held_out
from studycli.engine.miniatures.prompt import known_words
from studycli.engine.miniatures.recipe import Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
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
    Phrase("this is resolved", _SETTLED), Phrase("this is not resolved", 0, True),
)  # fmt: skip
_OPENINGS = (
    Phrase("when you have time", -1), Phrase("before the end of the day", 1),
    Phrase("not before the end of the day", -1, True),
)  # fmt: skip
_JOINERS = ("and", "but", ",")
_KINDS = (_FAULTS, _MENDED, _REQUESTS, _AFFECTED, _DEADLINES, _STATUSES, _OPENINGS)


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
    system that is down counts 2, one with a fault 1 and a wish 0; many people affected or a close deadline count 1
    more, a far one 1 less. Two points are high, one is normal, less is low.
    """
    system = random.choice(_SYSTEMS)
    (kind,) = random.choices((_FAULTS, _MENDED, _REQUESTS), (6, 1, 3))
    others = (_DEADLINES, _STATUSES) if kind is _REQUESTS else (_AFFECTED, _DEADLINES, _STATUSES)
    phrases = [random.choice(kind), *(random.choice(group) for group in others if random.random() < 0.45)]
    random.shuffle(phrases)
    words = f" {random.choice(_JOINERS)} ".join(phrase.text for phrase in phrases)
    if not set(phrases) & set(_DEADLINES) and random.random() < 0.4:
        opening = random.choice(_OPENINGS)
        phrases, words = [opening, *phrases], f"{opening.text} {words}"
    plain = [phrase for phrase in phrases if not phrase.negated]
    label = urgency(phrases)
    held_out = is_held_out(*sorted(phrase.text.format(system) for phrase in phrases))
    return Ticket(words.format(system), label, held_out, urgency(plain) != label)


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
    {word for kind in _KINDS for phrase in kind for word in phrase.text.replace("{}", "").split()}
    | {word for system in _SYSTEMS for word in system.split()}
    | set(_JOINERS)
)
VOCABULARY = [PAD, CLS, UNKNOWN, *WORDS]
LONGEST = 47
CONFIG = Config(
    architecture="encoder", vocab_size=len(VOCABULARY), d_model=64, n_layers=2, n_heads=4, d_ff=128,
    max_length=LONGEST + 1, n_labels=len(LABELS), pad_id=0,
)  # fmt: skip
_IDS = {word: id_ for id_, word in enumerate(VOCABULARY)}
_STEPS, _WARMUP, _ROWS, _HELD = 1200, 50, 64, 1000


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
    """The 1000 tickets that the model is measured on, all different, none of whose combinations it has seen."""
    drawn = islice(tickets(seed, "held out", held_out=True), 2 * _HELD)
    return tuple(dict.fromkeys(drawn))[:_HELD]


def measure(model: Transformer, held: Sequence[Ticket]) -> dict[str, float]:
    """The part of these tickets that is told right, and the part of those that a negation decides.

    `ticket_accuracy_negated_shuffled` is that of the latter with their words in random order: what is left to a model
    that doesn't know what a `not` belongs to.
    """
    labels = torch.tensor([row.label for row in held])  # (rows)
    negated = torch.tensor([row.negated for row in held])  # (rows)
    rows, random = [row.text.split() for row in held], Random("tickets/shuffled")
    right = (_predicted(model, rows) == labels).double()  # (rows)
    shuffled = (_predicted(model, [random.sample(row, len(row)) for row in rows]) == labels).double()  # (rows)
    return {
        "ticket_accuracy": float(right.mean()),
        "ticket_accuracy_negated": float(right[negated].mean()),
        "ticket_accuracy_negated_shuffled": float(shuffled[negated].mean()),
    }


@torch.inference_mode()
def classify(loaded: Loaded, text: str) -> dict[str, float]:
    """The probability of each urgency, by its name, for a ticket in words of `WORDS`.

    Raises UsageError for a word that is not among them, and for more than 47.
    """
    words = known_words(text, frozenset(WORDS), LONGEST)
    logits = loaded.model.classify(_inputs([words])["input_ids"])[0]  # (labels)
    return dict(zip(LABELS, logits.softmax(-1).tolist(), strict=True))


@torch.inference_mode()
def _predicted(model: Transformer, rows: Sequence[Sequence[str]]) -> Tensor:
    inputs = _inputs(rows)
    logits = model.classify(inputs["input_ids"], attention_mask=inputs["attention_mask"])  # (rows, labels)
    return logits.argmax(-1).cpu()  # (rows)


def _watched(held: Sequence[Ticket], model: Transformer) -> dict[str, float]:
    metrics = measure(model, held)
    return {"accuracy": metrics["ticket_accuracy"], "negated": metrics["ticket_accuracy_negated"]}


def _inputs(rows: Sequence[Sequence[str]]) -> dict[str, Tensor]:
    """`input_ids`, each row after the token that the class is read from, and `attention_mask`, both (rows, seq)."""
    listed = [torch.tensor([_IDS[CLS], *(_IDS[word] for word in row)]) for row in rows]
    ids = pad_sequence(listed, batch_first=True, padding_value=_IDS[PAD])  # (rows, seq)
    return {"input_ids": ids, "attention_mask": (ids != _IDS[PAD]).long()}

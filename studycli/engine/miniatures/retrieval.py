"""retrieval: a bi-encoder that finds texts by their vectors, and a cross-encoder that reads the found ones again."""

from __future__ import annotations

import random as rnd
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studycli.engine import faiss_index
from studycli.engine.config import Config
from studycli.engine.embedding import embed
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import facts, study_cards
from studycli.engine.miniatures.facts import UNKNOWN
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.retrieval_text import PAD_ID, padded, pair, plain
from studycli.engine.miniatures.study_cards import Asked
from studycli.engine.miniatures.study_corpus import bundled_documents
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.miniatures.watching import best_heads
from studycli.engine.model import Transformer
from studycli.engine.search import Floats, Places, exact, recall
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.training.contrastive import contrastive_loss
from studycli.engine.training.losses import Loss
from studycli.errors import EngineError

BI_ENCODER, CROSS_ENCODER = "retrieval/bi-encoder", "retrieval/cross-encoder"
SNAPSHOT = "cards.json"
"""The bundled decks' cards as they were when the bi-encoder was trained, beside its weights."""
PAIRS, CARD_PAIRS = 256, 64
"""Pairs in a batch for the bi-encoder, of facts or of cards."""
QUESTIONS, CARD_QUESTIONS, CANDIDATES = 16, 12, 6
"""Questions in a batch for the cross-encoder, about facts or cards, and the texts that each has to choose from."""
RERANKED, K = 50, 10
CARDS_RERANKED = 20
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
CODE_BYTES, PROBES = 12, 16
"""Of the index: bytes in a code, and lists that a query looks into."""
_BLOCK = 1024


def bi_config(vocab_size: int) -> Config:
    """The shape of the bi-encoder for a vocabulary."""
    return Config(
        architecture="encoder", vocab_size=vocab_size, d_model=24, n_layers=1, n_heads=2, d_ff=48, max_length=64,
        position="none", pad_id=PAD_ID,
    )  # fmt: skip


def cross_config(vocab_size: int) -> Config:
    """The shape of the cross-encoder for a vocabulary."""
    return Config(
        architecture="encoder", vocab_size=vocab_size, d_model=64, n_layers=2, n_heads=4, d_ff=128, max_length=128,
        position="relative", n_labels=1, pad_id=PAD_ID,
    )  # fmt: skip


def encode(loaded: Loaded, texts: Sequence[str]) -> Floats:
    """Vectors (text, d_model) of unit length, by the bi-encoder; without texts (0, d_model).

    Texts may hold any words; unknown ones are <unk>. Raises UsageError for a text without a word.
    """
    rows = [torch.empty(0, loaded.model.config.d_model)]  # (0, d_model)
    with torch.inference_mode():
        for at in range(0, len(texts), _BLOCK):
            ids, mask = padded(_tokenizer(loaded), [plain(text) for text in texts[at : at + _BLOCK]])
            rows.append(embed(loaded.model, ids, mask).float().cpu())  # (up to _BLOCK, d_model)
    return torch.cat(rows).numpy()


def search(loaded: Loaded, questions: Sequence[str], vectors: Floats, k: int = K) -> tuple[Floats, Places]:
    """Cosine similarities, falling, and rows (question, k) of the nearest of `vectors`, which `encode` gave.

    Without questions both are (0, k). Raises EngineError for a k that is not from 1 to the number of vectors, and
    UsageError for a question without a word.
    """
    if not questions:
        scores, rows = exact(vectors, vectors[:1], k)  # (1, k) both
        return scores[:0], rows[:0]  # (0, k) both
    return exact(vectors, encode(loaded, questions), k)


def rerank(loaded: Loaded, question: str, texts: Sequence[str]) -> list[float]:
    """How well the cross-encoder thinks each text answers the question: logits, to be compared with each other.

    Without texts there are none. Raises UsageError for a question or a text without a word.
    """
    if not texts:
        return []
    with torch.inference_mode():
        ids, mask = padded(_tokenizer(loaded), [pair(question, text) for text in texts])
        logits = loaded.model.classify(ids, attention_mask=mask)  # (text, 1)
    scores: list[float] = logits[:, 0].float().tolist()
    return scores


def vectors_of_facts(loaded: Loaded, count: int) -> Floats:
    """Vectors (count, d_model) of the facts numbered from 0, by the bi-encoder.

    Raises EngineError for a count that is negative or more than there are.
    """
    if not 0 <= count <= facts.COUNT:
        raise EngineError(f"the count is {count}", where="facts", hint=f"there are {facts.COUNT} facts")
    blocks = [range(at, min(at + _BLOCK, count)) for at in range(0, max(count, 1), _BLOCK)]
    return np.concatenate([encode(loaded, [facts.fact(number).text for number in block]) for block in blocks])


@dataclass(frozen=True, slots=True)
class Quiz:
    """Held-out facts, and questions each of which one of them alone answers: the row of that one is its answer."""

    texts: list[str]
    questions: list[str]
    answers: list[int]


@cache
def quiz(questions: int = 150, size: int = 2000, towns: int = 8) -> Quiz:
    """The corpus that ranking is measured on; always the same."""
    random = rnd.Random("retrieval, held out")
    corpus = facts.held_out_corpus(size, towns, random)
    answers: list[int] = []
    asked: list[str] = []
    for row, fact in enumerate(corpus):
        if len(answers) < questions and (things := facts.unambiguous(corpus, fact)):
            answers.append(row)
            asked.append(fact.question(random, random.choice(things)))
    return Quiz([fact.text for fact in corpus], asked, answers)


def _train(training: Training) -> Trained:
    return _train_bi_encoder(training) if training.checkpoint == BI_ENCODER else _train_cross_encoder(training)


def _train_bi_encoder(training: Training) -> Trained:
    cards = study_cards.read(bundled_documents())
    tokenizer = new_tokenizer(cards)
    held = next(pairs(tokenizer, rnd.Random(f"{training.seed} watched pairs"), held_out=True))
    model = training.run(
        Transformer(bi_config(tokenizer.vocab_size), seed=training.seed),
        _pairs_of_both(tokenizer, cards, training.seed, PAIRS), contrastive_loss, steps=300, peak=8e-3, warmup=20,
        scores=partial(_bi_scores, held),
    )  # fmt: skip
    return Trained(model, tokenizer, {SNAPSHOT: study_cards.dumps(cards)})


def _train_cross_encoder(training: Training) -> Trained:
    """First as a bi-encoder, from which it learns what words mean the same; then to choose among look-alikes."""
    cards = study_cards.read(bundled_documents())
    tokenizer = new_tokenizer(cards)
    model = Transformer(cross_config(tokenizer.vocab_size), seed=training.seed)
    warm = _pairs_of_both(tokenizer, cards, training.seed, 128)
    training.run(model, warm, contrastive_loss, steps=400, peak=5e-3, warmup=20)
    of_facts = choices(tokenizer, rnd.Random(f"{training.seed} choices"))
    of_cards = study_cards.choices(
        tokenizer, cards, rnd.Random(f"{training.seed} choices of cards"), CARD_QUESTIONS, CANDIDATES
    )
    batches = _alternating(of_facts, of_facts, of_cards)
    held = next(choices(tokenizer, rnd.Random(f"{training.seed} watched choices"), held_out=True))
    scores = partial(_cross_scores, held)
    training.run(model, batches, choice_loss, steps=3000, peak=2e-3, warmup=50, scores=scores)
    return Trained(model, tokenizer)


def _pairs_of_both(tokenizer: Tokenizer, cards: Sequence[Asked], seed: int, rows: int) -> Iterator[dict[str, Tensor]]:
    """Batches of facts and of cards in turn."""
    of_facts = pairs(tokenizer, rnd.Random(f"{seed} pairs of {rows}"), rows)
    return _alternating(of_facts, study_cards.pairs(tokenizer, cards, rnd.Random(f"{seed} pairs of cards"), CARD_PAIRS))


def _alternating(*streams: Iterator[dict[str, Tensor]]) -> Iterator[dict[str, Tensor]]:
    """One batch of each stream in turn, without end."""
    while True:
        for stream in streams:
            yield next(stream)


def pairs(
    tokenizer: Tokenizer, random: rnd.Random, rows: int = PAIRS, *, held_out: bool = False
) -> Iterator[dict[str, Tensor]]:
    """Batches without end for `contrastive_loss`: questions, and the fact that each asks for."""
    while True:
        drawn = [facts.draw(random, held_out=held_out) for _ in range(rows)]
        queries, query_mask = padded(tokenizer, [fact.question(random) for fact in drawn])
        passages, passage_mask = padded(tokenizer, [fact.text for fact in drawn])
        yield {
            "query_ids": queries, "query_mask": query_mask, "passage_ids": passages, "passage_mask": passage_mask
        }  # fmt: skip


def choices(tokenizer: Tokenizer, random: rnd.Random, *, held_out: bool = False) -> Iterator[dict[str, Tensor]]:
    """Batches without end for `choice_loss`: a question with the fact that it asks for, then with hard negatives."""
    while True:
        rows = []
        for _ in range(QUESTIONS):
            true = facts.draw(random, held_out=held_out)
            asked = tuple(random.sample(true.things, facts.ASKED))
            question = true.question(random, asked)
            others = [facts.confusable(true, asked, random) for _ in range(CANDIDATES - 1)]
            rows += [pair(question, fact.text) for fact in (true, *others)]
        ids, mask = padded(tokenizer, rows)
        yield {"input_ids": ids, "attention_mask": mask}


def choice_loss(model: Transformer, input_ids: Tensor, attention_mask: Tensor) -> Loss:
    """Cross-entropy, in nats, of the first of each CANDIDATES rows of ids (batch, seq) by their logits (batch, 1)."""
    logits = _choices(model, input_ids, attention_mask)  # (question, candidate)
    first = torch.zeros(len(logits), dtype=torch.long, device=logits.device)  # (question)
    return Loss(functional.cross_entropy(logits, first), torch.tensor(len(logits), device=logits.device))


def _choices(model: Transformer, ids: Tensor, mask: Tensor) -> Tensor:
    logits = model.classify(ids, attention_mask=mask)  # (batch, 1)
    return logits.float().view(-1, CANDIDATES)  # (question, candidate)


def _bi_scores(held: Mapping[str, Tensor], model: Transformer) -> dict[str, float]:
    queries = embed(model, held["query_ids"], held["query_mask"])  # (batch, d_model)
    passages = embed(model, held["passage_ids"], held["passage_mask"])  # (batch, d_model)
    nearest = (queries @ passages.t()).argmax(-1).cpu()  # (batch)
    heads = best_heads(model, held["passage_ids"], held["passage_mask"])
    return {"accuracy": float((nearest == torch.arange(len(nearest))).float().mean())} | heads


def _cross_scores(held: Mapping[str, Tensor], model: Transformer) -> dict[str, float]:
    best = _choices(model, held["input_ids"], held["attention_mask"]).argmax(-1)  # (question)
    heads = best_heads(model, held["input_ids"], held["attention_mask"])
    return {"accuracy": float((best == 0).float().mean())} | heads


def _measure_ranking(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    asked = quiz()
    vectors = encode(loaded[BI_ENCODER], asked.texts)  # (fact, d_model)
    _, found = search(loaded[BI_ENCODER], asked.questions, vectors, RERANKED)  # (question, RERANKED)
    return _before_and_after(loaded[CROSS_ENCODER], asked, found)


def _measure_cards(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    """The same for short questions, which no training reads, among all cards of the bundled decks."""
    cards = cards_of(loaded[BI_ENCODER])
    asked = Quiz([card.passage for card in cards], [card.brief_question for card in cards], list(range(len(cards))))
    vectors = encode(loaded[BI_ENCODER], asked.texts)  # (card, d_model)
    _, found = search(loaded[BI_ENCODER], asked.questions, vectors, min(CARDS_RERANKED, len(cards)))
    metrics = _before_and_after(loaded[CROSS_ENCODER], asked, found)
    return {"cards": float(len(cards))} | {f"cards_{name}": value for name, value in metrics.items()}


def cards_of(bi_encoder: Loaded) -> list[Asked]:
    """The cards that a bi-encoder was trained on; of one that was not written yet, those of the bundled decks."""
    snapshot = Path(bi_encoder.where) / SNAPSHOT
    if snapshot.is_file():
        return study_cards.loads(snapshot.read_text("utf-8"))
    return study_cards.read(bundled_documents())


def _before_and_after(cross_encoder: Loaded, asked: Quiz, found: Places) -> dict[str, float]:
    """How the answers rank in rows found (question, k), and when the cross-encoder has read these again."""
    again = []
    for question, rows in zip(asked.questions, found, strict=True):
        scores = rerank(cross_encoder, question, [asked.texts[row] for row in rows])
        again.append(rows[np.argsort(-np.array(scores), kind="stable")])  # (k)
    before, after = _ranking(found, asked.answers), _ranking(np.stack(again), asked.answers)
    reranked = {f"{name}_reranked": value for name, value in after.items()}
    return {**before, **reranked, "mrr_gain": after["mrr"] - before["mrr"]}


def _ranking(found: Places, answers: Sequence[int]) -> dict[str, float]:
    """Recall@10 and mean reciprocal rank of the answers in rows found (question, k); one that is missing counts 0."""
    hits = found == np.array(answers)[:, None]  # (question, k)
    ranks = np.arange(1, hits.shape[1] + 1)  # (k)
    return {"recall_at_10": float(hits[:, :K].any(1).mean()), "mrr": float((hits / ranks).sum(1).mean())}


def _measure_index(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    vectors = vectors_of_facts(loaded[BI_ENCODER], max(SIZES.values()))  # (1 million, d_model)
    queries = encode(loaded[BI_ENCODER], quiz().questions)  # (question, d_model)
    metrics = {}
    for label, count in SIZES.items():
        index = faiss_index.build(vectors[:count], code_bytes=CODE_BYTES)
        _, true = exact(vectors[:count], queries, K)
        _, found = index.search(queries, K, PROBES)
        metrics[f"ivfpq_recall_at_10_{label}"] = recall(found, true)
        metrics[f"ivfpq_bytes_per_vector_{label}"] = index.bytes_per_vector
    return metrics


def new_tokenizer(cards: Sequence[Asked]) -> Tokenizer:
    """The words of the facts, then the other words of the cards."""
    of_facts = facts.vocabulary()
    known = set(of_facts)
    return word_tokenizer([*of_facts, *(word for word in study_cards.vocabulary(cards) if word not in known)], UNKNOWN)


def _tokenizer(loaded: Loaded) -> Tokenizer:
    if loaded.tokenizer is None:
        raise EngineError("the model has no tokenizer", where=loaded.where, hint="install the program again")
    return loaded.tokenizer


RECIPE = Recipe(
    name="retrieval",
    task="Find the fact or card that answers a question: by one vector for each, then by reading the two together.",
    data=(
        "Who has which six of 24 things, in 384 places, and questions for three of them, partly by other names. A "
        "tenth of all combinations of a town and things is held out from training. Ranking is measured on 2,000 facts "
        "of these, from 8 towns so that many are alike, with 150 questions each of which has exactly one answer among "
        "them; the cross-encoder reads again the 50 facts that the bi-encoder finds nearest. The index is measured on "
        "vectors of up to a million facts, with the same questions. Other batches are of the bundled decks' cards: "
        "their questions, and parts of their answers. Measured on cards, a short form of each question, which no "
        "training reads, asks for its answer among those of all cards; so it is cards that are known, asked otherwise."
    ),
    generator="studycli.engine.miniatures.facts:fact",
    seed=0,
    checkpoints=(BI_ENCODER, CROSS_ENCODER),
    train=_train,
    measurements=(
        Measurement(_measure_ranking, tolerance=0.01),
        Measurement(_measure_cards, tolerance=0.02),
        Measurement(_measure_index, tolerance=0.01, slow=True),
    ),
    gates=(
        Gate("recall_at_10", 0.8),
        Gate("mrr_reranked", 0.6),
        Gate("mrr_gain", 0.05),
        Gate("cards_recall_at_10", 0.8),
    ),
)

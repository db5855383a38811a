"""retrieval: a bi-encoder that finds facts by their vectors, and a cross-encoder that reads the found ones again."""

from __future__ import annotations

import random as rnd
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from studycli.engine import faiss_index
from studycli.engine.config import Config
from studycli.engine.embedding import embed
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import facts
from studycli.engine.miniatures.facts import CLS, PAD, SEP, UNKNOWN
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.miniatures.watching import best_heads
from studycli.engine.model import Transformer
from studycli.engine.search import Floats, Places, exact, recall
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.training.contrastive import contrastive_loss
from studycli.engine.training.losses import Loss
from studycli.errors import EngineError, UsageError

BI_ENCODER, CROSS_ENCODER = "retrieval/bi-encoder", "retrieval/cross-encoder"
_WORDS = facts.vocabulary()
_PAD = _WORDS.index(PAD)
BI_CONFIG = Config(
    architecture="encoder", vocab_size=len(_WORDS), d_model=24, n_layers=1, n_heads=2, d_ff=48, max_length=32,
    position="none", pad_id=_PAD,
)  # fmt: skip
CROSS_CONFIG = Config(
    architecture="encoder", vocab_size=len(_WORDS), d_model=64, n_layers=2, n_heads=4, d_ff=128, max_length=64,
    position="relative", n_labels=1, pad_id=_PAD,
)  # fmt: skip
PAIRS, QUESTIONS, CANDIDATES = 256, 16, 6
"""In a batch: pairs of the bi-encoder; questions of the cross-encoder, each with so many facts to choose from."""
RERANKED, K = 50, 10
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
CODE_BYTES, PROBES = 12, 16
"""Of the index: bytes in a code, and lists that a query looks into."""
_BLOCK = 1024


def encode(loaded: Loaded, texts: Sequence[str]) -> Floats:
    """Vectors (text, d_model) of unit length, by the bi-encoder; without texts (0, d_model).

    Texts may hold any words; unknown ones are <unk>. Raises UsageError for a text without a word.
    """
    rows = [torch.empty(0, loaded.model.config.d_model)]  # (0, d_model)
    with torch.inference_mode():
        for at in range(0, len(texts), _BLOCK):
            ids, mask = _padded(_tokenizer(loaded), [_plain(text) for text in texts[at : at + _BLOCK]])
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
        ids, mask = _padded(_tokenizer(loaded), [pair(question, text) for text in texts])
        logits = loaded.model.classify(ids, attention_mask=mask)  # (text, 1)
    scores: list[float] = logits[:, 0].float().tolist()
    return scores


def pair(question: str, text: str) -> str:
    """What the cross-encoder reads of a question and a fact."""
    return f"{CLS} {_plain(question)} {SEP} {_plain(text)}"


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
    tokenizer = _new_tokenizer()
    batches = pairs(tokenizer, rnd.Random(f"{training.seed} pairs"))
    held = next(pairs(tokenizer, rnd.Random(f"{training.seed} watched pairs"), held_out=True))
    model = training.run(
        Transformer(BI_CONFIG, seed=training.seed), batches, contrastive_loss, steps=100, peak=8e-3, warmup=20,
        scores=partial(_bi_scores, held),
    )  # fmt: skip
    return Trained(model, tokenizer)


def _train_cross_encoder(training: Training) -> Trained:
    """First as a bi-encoder, from which it learns what words mean the same; then to choose among look-alikes."""
    tokenizer = _new_tokenizer()
    model = Transformer(CROSS_CONFIG, seed=training.seed)
    warm = pairs(tokenizer, rnd.Random(f"{training.seed} warm-up pairs"), 128)
    training.run(model, warm, contrastive_loss, steps=80, peak=5e-3, warmup=20)
    batches = choices(tokenizer, rnd.Random(f"{training.seed} choices"))
    held = next(choices(tokenizer, rnd.Random(f"{training.seed} watched choices"), held_out=True))
    scores = partial(_cross_scores, held)
    training.run(model, batches, choice_loss, steps=1800, peak=2e-3, warmup=50, scores=scores)
    return Trained(model, tokenizer)


def pairs(
    tokenizer: Tokenizer, random: rnd.Random, rows: int = PAIRS, *, held_out: bool = False
) -> Iterator[dict[str, Tensor]]:
    """Batches without end for `contrastive_loss`: questions, and the fact that each asks for."""
    while True:
        drawn = [facts.draw(random, held_out=held_out) for _ in range(rows)]
        queries, query_mask = _padded(tokenizer, [fact.question(random) for fact in drawn])
        passages, passage_mask = _padded(tokenizer, [fact.text for fact in drawn])
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
        ids, mask = _padded(tokenizer, rows)
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
    again = []
    for question, rows in zip(asked.questions, found, strict=True):
        scores = rerank(loaded[CROSS_ENCODER], question, [asked.texts[row] for row in rows])
        again.append(rows[np.argsort(-np.array(scores), kind="stable")])  # (RERANKED)
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


def _new_tokenizer() -> Tokenizer:
    return word_tokenizer(_WORDS, UNKNOWN)


def _tokenizer(loaded: Loaded) -> Tokenizer:
    if loaded.tokenizer is None:
        raise EngineError("the model has no tokenizer", where=loaded.where, hint="install the program again")
    return loaded.tokenizer


def _plain(text: str) -> str:
    """A text's words as the models know them: small letters, no punctuation. Raises UsageError where there are none."""
    words = re.findall(r"\w+", text.lower())
    if not words:
        raise UsageError("the text holds no word", where=repr(text), hint="give at least one")
    return " ".join(words)


def _padded(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Ids (text, seq), padded on the right, and their mask (text, seq), 1 keep and 0 pad."""
    rows = [tokenizer.encode(text) for text in texts]
    length = max(map(len, rows), default=0)
    ids = torch.tensor([row + [_PAD] * (length - len(row)) for row in rows])  # (text, seq)
    kept = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])  # (text, seq)
    return ids, kept


RECIPE = Recipe(
    name="retrieval",
    task="Find the fact that answers a question: by one vector for each, then by reading the two together.",
    data=(
        "Who has which six of 24 things, in 384 places, and questions for three of them, partly by other names. A "
        "tenth of all combinations of a town and things is held out from training. Ranking is measured on 2,000 facts "
        "of these, from 8 towns so that many are alike, with 150 questions each of which has exactly one answer among "
        "them; the cross-encoder reads again the 50 facts that the bi-encoder finds nearest. The index is measured on "
        "vectors of up to a million facts, with the same questions."
    ),
    generator="studycli.engine.miniatures.facts:fact",
    seed=0,
    checkpoints=(BI_ENCODER, CROSS_ENCODER),
    train=_train,
    measurements=(
        Measurement(_measure_ranking, tolerance=0.01),
        Measurement(_measure_index, tolerance=0.01, slow=True),
    ),
    gates=(Gate("recall_at_10", 0.8), Gate("mrr_reranked", 0.6), Gate("mrr_gain", 0.05)),
)

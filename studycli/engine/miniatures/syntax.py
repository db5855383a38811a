"""syntax: a two-layer encoder that learns agreement and coreference, and the heads that point at subject and noun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random

import torch
from torch import Tensor

from studycli.engine.config import Config
from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import lexicon
from studycli.engine.miniatures.grammar import Link, Relation, Sentence, sentences
from studycli.engine.miniatures.recipe import Gate, Measurement, Recipe, Trained, Training
from studycli.engine.miniatures.vocabulary import word_tokenizer
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.trace import Trace
from studycli.engine.training import IGNORED, adamw, masked_lm_loss
from studycli.errors import UsageError

PAD, MASK, UNKNOWN = "<pad>", "<mask>", "<unk>"
WORDS = (PAD, MASK, UNKNOWN, *lexicon.words())
_IDS = {word: id_ for id_, word in enumerate(WORDS)}

# Embeddings begin with a standard deviation of 0.5 and not of 0.02: what a word itself means then outweighs what the
# first layer mixes in from other words, so that a noun's gender and number are best found at the noun itself. Without
# it, in trials, the model answered as well but by way of other words: no head put half its weight on the antecedent.
CONFIG = Config(
    architecture="encoder", vocab_size=len(WORDS), d_model=64, n_layers=2, n_heads=4, d_ff=128, max_length=32,
    position="rotary", embedding_scale=25.0, tied=False, mlm_head=True, pad_id=_IDS[PAD],
)  # fmt: skip
_SENTENCES, _ROWS, _STEPS = 30_000, 64, 1800
_HELD_OUT, _CHOOSING = 800, 300
_WRONG = len(lexicon.PRONOUNS) - 1  # a verb has one wrong form, which is repeated
_HEADS: dict[Relation, str] = {"agreement": "verb_head", "pronoun": "pronoun_head"}
_Linked = tuple[Sentence, Link]


def encode(found: Sequence[Sentence]) -> Tensor:
    """Ids (sentences, seq), padded on the right. Raises UsageError for a word that is not in the vocabulary."""
    for word in (word for sentence in found for word in sentence.words if word not in _IDS):
        hint = "the words that it knows are those of `lexicon.words()`"
        raise UsageError(f"the model does not know the word {word!r}", where="syntax", hint=hint)
    longest = max(len(sentence.words) for sentence in found)
    rows = [[_IDS[word] for word in sentence.words] for sentence in found]
    return torch.tensor([row + [_IDS[PAD]] * (longest - len(row)) for row in rows])  # (sentences, seq)


def head_weights(loaded: Loaded, found: Sequence[Sentence], *, masked: bool = False) -> dict[Relation, Tensor]:
    """What each head puts on the subject from the verb, and on the antecedent from the pronoun, (layers, heads).

    Means of the attention weight over all such links of the sentences, NaN where there is none. The sentences are read
    whole, or with `masked` once for each link with its word masked. Raises UsageError for a word that is not in the
    vocabulary.
    """
    return {relation: _on_target(*_looks(loaded.model, found, relation, masked=masked)) for relation in _HEADS}


def corrupted(ids: Tensor, wrong: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Ids (batch, seq) with each linked word masked, left or replaced, and labels (batch, seq) for these alone.

    `wrong` (batch, seq, 6) are the ids of wrong forms, 0 where no word is linked. Half of the linked words are masked,
    a quarter stay and a quarter become a wrong form: the model has to doubt a word that it sees, and looks for the
    noun where nothing is hidden too.
    """
    linked, fate = wrong[..., 0] > 0, torch.rand(ids.shape, generator=random)  # (batch, seq), (batch, seq)
    drawn = torch.randint(_WRONG, (*ids.shape, 1), generator=random)  # (batch, seq, 1)
    shown = torch.where(linked & (fate < 0.5), _IDS[MASK], ids)  # (batch, seq)
    shown = torch.where(linked & (fate >= 0.75), wrong.gather(2, drawn)[..., 0], shown)  # (batch, seq)
    return shown, ids.masked_fill(~linked, IGNORED)  # (batch, seq), (batch, seq)


def batches(seed: int) -> Iterator[dict[str, Tensor]]:
    """Endless batches of 64 sentences, drawn from 30,000 that hold nothing of what is held out.

    Only linked words are to be restored. Which other words stand there is mostly chance, and a model that has to guess
    at those too takes far longer to learn these.
    """
    found = sentences(_SENTENCES, Random(f"syntax training {seed}"), held_out=False)
    ids, wrong = encode(found), _wrong_forms(found)  # (sentences, seq), (sentences, seq, 6)
    random = generator(seed, "syntax", "batches")
    while True:
        rows = torch.randint(len(ids), (_ROWS,), generator=random)  # (batch)
        longest = int(_keep(ids[rows]).sum(1).max())
        text = ids[rows, :longest]  # (batch, seq)
        shown, labels = corrupted(text, wrong[rows, :longest], random)  # (batch, seq), (batch, seq)
        yield {"input_ids": shown, "labels": labels, "attention_mask": _keep(text)}


def _wrong_forms(found: Sequence[Sentence]) -> Tensor:
    wrong = torch.zeros(*encode(found).shape, _WRONG, dtype=torch.long)  # (sentences, seq, 6)
    for row, sentence in enumerate(found):
        for link in sentence.links:
            wrong[row, link.place] = torch.tensor(_forms(link))  # (6)
    return wrong


def _forms(link: Link) -> list[int]:
    """Ids of the wrong forms, as many as a pronoun has."""
    return ([_IDS[form] for form in link.wrong] * _WRONG)[:_WRONG]


def _keep(ids: Tensor) -> Tensor:
    return (ids != _IDS[PAD]).long()  # (batch, seq)


def _train(training: Training) -> Trained:
    model = Transformer(CONFIG, seed=training.seed).to(training.device)
    watched = sentences(48, Random(f"syntax watched {training.seed}"), held_out=True)
    training.run(
        model, batches(training.seed), masked_lm_loss, steps=_STEPS, peak=2e-3, warmup=100,
        optimizer=adamw(model, weight_decay=0.5), scores=partial(_watch, watched),
    )  # fmt: skip
    return Trained(model, word_tokenizer(WORDS, UNKNOWN))


def _watch(watched: Sequence[Sentence], model: Transformer) -> dict[str, float]:
    scores = {}
    for relation, head in _HEADS.items():
        scores[f"{relation}_accuracy"] = float(_right(model, _held_out_links(watched, relation)).float().mean())
        scores[head] = float(_on_target(*_looks(model, watched, relation)).max())
    return scores


def _measure(loaded: Mapping[str, Loaded]) -> dict[str, float]:
    """Accuracy on what is held out; and for each relation the head that points best in sentences like those learned."""
    model, metrics = loaded["syntax"].model, dict[str, float]()
    held = sentences(_HELD_OUT, Random("syntax held out"), held_out=True)
    learned = sentences(_CHOOSING, Random("syntax choice of heads"), held_out=False)
    for relation, head in _HEADS.items():
        links = _held_out_links(held, relation)
        right = _right(model, links)  # (links)
        deceptive = torch.tensor([link.deceptive for _, link in links])  # (links)
        new_verb = torch.tensor([link.new_verb for _, link in links])  # (links)
        metrics[f"{relation}_accuracy"] = float(right.float().mean())
        metrics[f"{relation}_accuracy_unseen_pairs"] = float(right[new_verb].float().mean())
        metrics[f"{relation}_accuracy_across_distractors"] = float(right[deceptive].float().mean())
        chosen = int(_on_target(*_looks(model, learned, relation)).argmax())
        seen, masked = (_looks(model, held, relation, masked=masked) for masked in (False, True))
        metrics[head] = float(_on_target(*seen).flatten()[chosen])
        metrics[f"{head}_on_rivals"] = float(_on_rivals(*seen).flatten()[chosen])
        metrics[f"{head}_when_masked"] = float(_on_target(*masked).flatten()[chosen])
        if relation == "pronoun":
            of_it = [at for at, link in enumerate(seen[1]) if link.right == "it"]
            weights = _on_target(seen[0][of_it], [seen[1][at] for at in of_it])  # (layers, heads)
            metrics[f"{head}_from_it"] = float(weights.flatten()[chosen])
        metrics[f"{head}_layer"], metrics[f"{head}_index"] = map(float, divmod(chosen, CONFIG.n_heads))
    return metrics


def _links(found: Sequence[Sentence], relation: Relation) -> list[_Linked]:
    return [(sentence, link) for sentence in found for link in sentence.of(relation)]


def _held_out_links(found: Sequence[Sentence], relation: Relation) -> list[_Linked]:
    return [(sentence, link) for sentence, link in _links(found, relation) if link.held_out]


def _ids_and_places(links: Sequence[_Linked], *, masked: bool) -> tuple[Tensor, Tensor]:
    """A sentence for each link, (links, seq), with its linked word masked or not, and where that is, (links)."""
    ids, places = encode([sentence for sentence, _ in links]), torch.tensor([link.place for _, link in links])
    return (ids.scatter(1, places[:, None], _IDS[MASK]) if masked else ids), places  # (links, seq), (links)


def _right(model: Transformer, links: Sequence[_Linked]) -> Tensor:
    """Whether, with the linked word masked, its right form is likelier than every wrong one, (links)."""
    ids, places = _ids_and_places(links, masked=True)  # (links, seq), (links)
    logits = model.mlm_logits(ids, attention_mask=_keep(ids)).cpu()[range(len(links)), places]  # (links, vocab)
    right = torch.tensor([[_IDS[link.right]] for _, link in links])  # (links, 1)
    wrong = torch.tensor([_forms(link) for _, link in links])  # (links, 6)
    return (logits.gather(1, right) > logits.gather(1, wrong)).all(1)  # (links)


def _looks(
    model: Transformer, found: Sequence[Sentence], relation: Relation, *, masked: bool = False
) -> tuple[Tensor, list[Link]]:
    """Where each head looks from the linked words, (links, layers, heads, key), and the links."""
    links = _links(found, relation)
    if not links:
        return torch.zeros(0, CONFIG.n_layers, CONFIG.n_heads, 1), []  # (0, layers, heads, 1)
    ids, places = _ids_and_places(links, masked=masked)  # (links, seq), (links)
    trace = Trace(only="*.pattern")
    model(ids, attention_mask=_keep(ids), trace=trace)
    patterns = torch.stack(list(trace.values())).cpu()  # (layers, links, heads, query, key)
    return patterns[:, range(len(links)), :, places], [link for _, link in links]  # (links, layers, heads, key)


def _on_target(looks: Tensor, links: Sequence[Link]) -> Tensor:
    """The mean weight on the noun that a word is linked to, (layers, heads)."""
    targets = torch.tensor([link.target for link in links], dtype=torch.long)  # (links)
    return looks[range(len(links)), :, :, targets].mean(0)  # (layers, heads)


def _on_rivals(looks: Tensor, links: Sequence[Link]) -> Tensor:
    """The mean weight on all rivals together, where there are any, (layers, heads)."""
    weights = [look[..., list(link.rivals)].sum(-1) for look, link in zip(looks, links, strict=True) if link.rivals]
    return torch.stack(weights).mean(0)  # (layers, heads)


RECIPE = Recipe(
    name="syntax",
    task="Restore hidden words: verbs that agree with their subject, pronouns that fit their antecedent.",
    data=(
        "Sentences from templates, with other nouns and relative clauses in between. One pair of words in eight is "
        "never joined in training, in any form or tense: neither as a verb and its subject or object, nor as a noun "
        "that decides a form and another noun in question. Accuracies are of words whose form such a pair decides; "
        "`_unseen_pairs` are those where it is the deciding noun and its verb themselves. A head was chosen on other "
        "sentences, and its weight is that from the word in the whole sentence, with nothing masked; `_when_masked` is "
        "the same with the word masked, `_on_rivals` what it puts on all other nouns in question. "
        "`pronoun_head_from_it` is of the pronoun `it` alone, which that head does not serve."
    ),
    generator="studycli.engine.miniatures.grammar:sentences",
    seed=0,
    checkpoints=("syntax",),
    train=_train,
    measurements=(Measurement(_measure),),
    gates=(
        Gate("agreement_accuracy", 0.98),
        Gate("agreement_accuracy_across_distractors", 0.98),
        Gate("agreement_accuracy_unseen_pairs", 0.98),
        Gate("pronoun_accuracy", 0.98),
        Gate("pronoun_accuracy_across_distractors", 0.98),
        Gate("pronoun_accuracy_unseen_pairs", 0.98),
        Gate("pronoun_head", 0.7),
        Gate("verb_head", 0.4),
    ),
)

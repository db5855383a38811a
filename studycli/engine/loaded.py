"""Loaded: a model with its tokenizer; text or ids in, plain Python values out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studycli.engine import accounting, checkpoint, head_scores
from studycli.engine.config import Config
from studycli.engine.convert import LABELS, OWN, load_pretrained, own_config, read
from studycli.engine.flops import flops
from studycli.engine.generation import generate
from studycli.engine.hub import TOKENIZER, resolve
from studycli.engine.miniatures.catalogue import is_bundled
from studycli.engine.model import Transformer
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.trace import NO_TRACE, Trace
from studycli.errors import EngineError, MissingError, UsageError

_TOKENS = 128


@dataclass(frozen=True)
class Loaded:
    """A model and its tokenizer, if it has one.

    `ends` are the ids that end a text of this model, `labels` the names of its classes, where it has any.
    """

    model: Transformer
    tokenizer: Tokenizer | None
    where: str
    ends: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """The id that an encoder-decoder starts to write from. Raises EngineError where the model names none."""
        if self.model.config.start_id is None:
            hint = "give the decoder's tokens: --decoder-ids '0 5 7'"
            raise EngineError("the model names no start token", where=self.where, hint=hint)
        return self.model.config.start_id

    def room(self, read: int, wanted: int) -> int:
        """How many of so many wanted tokens can be written behind `read` of them: a learned table ends somewhere.

        The last token is never read, so it needs no position.
        """
        config = self.model.config
        if config.position != "learned":
            return wanted
        taken = read if self.model.encoder is None else 1
        return max(min(wanted, (config.max_length or 0) - taken + 1), 0)

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Ids of a text, with the special tokens around it that its tokenizer wants.

        Raises UsageError for an empty text, MissingError where there is no tokenizer.
        """
        if not text:
            raise UsageError("the text is empty", hint="give at least one word")
        return self._tokenizer().encode(text, add_special_tokens=special)

    def id_of(self, token: str) -> int:
        """An id from its digits, or that of the token spelled so. Raises EngineError where there is none."""
        return int(token) if token.isdecimal() else self._tokenizer().id_of(token)

    def text(self, ids: Sequence[int]) -> str | None:
        """The text of ids, U+FFFD for one without a token; None without a tokenizer."""
        tokenizer = self.tokenizer
        if tokenizer is None:
            return None
        runs = groupby(ids, key=lambda id_: self.piece(id_) is not None)
        return "".join(tokenizer.decode(run) if known else "\ufffd" * len(list(run)) for known, run in runs)

    def unknown(self, ids: Sequence[int]) -> int:
        """How many of these ids stand for a word that the tokenizer doesn't know."""
        unknown = None if self.tokenizer is None else self.tokenizer.unknown_id
        return sum(id_ == unknown for id_ in ids)

    def piece(self, id_: int) -> str | None:
        """A token as its tokenizer's `tokens` spells it; None for an id without a token."""
        return None if self.tokenizer is None else self.tokenizer.piece(id_)

    def _tokenizer(self) -> Tokenizer:
        if self.tokenizer is None:
            hint = "give token ids instead, as in: --ids '1 2 3'"
            raise MissingError(f"there is no {TOKENIZER}, so text cannot be read", where=self.where, hint=hint)
        return self.tokenizer


def load(weights: str, device: str = "auto", dtype: str | None = None) -> Loaded:
    """The model of a folder, of a bundled model's name or of a name on the hub.

    `dtype` None keeps what the file has; bundled models, stored in half, compute in float32. Raises what `resolve` and
    `load_pretrained` raise.
    """
    folder = resolve(weights)
    model = load_pretrained(folder, device, "float32" if dtype is None and is_bundled(folder) else dtype)
    tokenizer = Tokenizer.load(folder) if (folder / TOKENIZER).exists() else None
    ends, labels = _ends(folder, model.config.vocab_size), _labels(folder, model.config.n_labels)
    return Loaded(model, tokenizer, weights, ends, labels)


def outline(weights: str) -> tuple[Config, str]:
    """The config of a checkpoint and the dtype of its weights, for which float32 stands where there are none.

    This engine's own folders need no weights for that; of others, the tensors decide what the model has.
    """
    folder = resolve(weights)
    values = checkpoint.read_config(folder)
    if values.get("model_type") == OWN and not any(folder.glob("*.safetensors")):
        return own_config(values, str(folder / "config.json")), "float32"
    config, tensors = read(folder)
    return config, str(checkpoint.common_dtype(tensors.values())).removeprefix("torch.")


def costs(config: Config, dtype: str, tokens: int | None = None) -> dict[str, Any]:
    """What a model of this config is and costs: parameters and FLOPs by part, bytes of weights and of the cache.

    An encoder-decoder reads `tokens` and writes as many; without a number there are 128, or fewer where the model was
    made for fewer. Raises UsageError for more than such a table has.
    """
    rows = config.max_length if config.position == "learned" else None
    if rows is not None and (tokens or 0) > rows:
        raise UsageError(f"the model has {rows} positions", where=f"--tokens {tokens}", hint=f"ask for {rows} or fewer")
    tokens = tokens or min(_TOKENS, config.max_length or _TOKENS)
    parameters, of_pass = accounting.parameters(config), flops(config, 1, tokens, tokens)
    total, size = sum(parameters.values()), getattr(torch, dtype).itemsize
    active = sum(accounting.active_parameters(config).values())
    return {
        "architecture": config.architecture,
        "config": asdict(config),
        "dtype": dtype,
        "parameters": {"parts": parameters, "total": total, "active": active, "bytes": total * size},
        "flops": {"tokens": tokens, "parts": of_pass, "total": sum(of_pass.values())},
        "cache": {"tokens": tokens, "bytes": accounting.cache_bytes(config, 1, tokens, size, memory=tokens)},
    }


@torch.inference_mode()
def forward(
    loaded: Loaded,
    ids: Sequence[int],
    *,
    decoder_ids: Sequence[int] | None = None,
    top: int = 5,
    only: str | None = None,
    every_value: bool = True,
) -> dict[str, Any]:
    """One pass over ids: what each token got, what is likeliest next, and what a trace recorded.

    A decoder gives `tokens` with the log-probability of each after those before it, and `next`, the likeliest to
    follow; an encoder-decoder the same of its `decoder_tokens`, which begin with the start token unless given. An
    encoder gives the norm of each token's hidden state and, where it has these heads, `predictions` for each place
    and the probabilities of `classes`, with their `labels` where these have names; a single class gives a `score`.
    With `only` (a glob of a Trace), `trace` holds names, shapes and values, the latter of the first pattern alone
    unless `every_value`, and `head_scores` what each head looks at. Numbers are finite: others are the text "inf",
    "-inf" or "nan". Raises UsageError for a glob that nothing matches.
    """
    model, x = loaded.model, torch.tensor([ids], dtype=torch.long)  # (1, seq)
    trace = NO_TRACE if only is None else Trace(only)
    facts: dict[str, Any] = {"architecture": model.config.architecture, "tokens": _spelled(loaded, ids)}
    own_ids = x  # (1, seq)
    if model.decoder is None:
        facts |= _encoded(loaded, x, facts["tokens"], top, trace)
    elif model.encoder is None:
        facts["tokens"], facts["next"] = _decoded(loaded, ids, model(x, trace=trace)[0], top)
    else:
        written = [loaded.start] if decoder_ids is None else list(decoder_ids)
        own_ids = torch.tensor([written], dtype=torch.long)  # (1, query)
        logits = model(x, decoder_input_ids=own_ids, trace=trace)[0]  # (query, vocab)
        facts["decoder_tokens"], facts["next"] = _decoded(loaded, written, logits, top)
    if only is None:
        return facts
    if not trace:
        raise _nothing_matches(model, only)
    return facts | {"trace": _recorded(trace, every_value), "head_scores": _scores(trace, x, own_ids)}


def continuation(
    loaded: Loaded,
    ids: Sequence[int],
    stop: Sequence[str] = (),
    on_count: Callable[[int], None] = lambda count: None,
    **settings: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Go on from ids, with the settings of `generate`; `stop` are tokens or ids, without any the model's own ends.

    Gives `ids`, `text`, `new_ids`, `new_text`, `settings`, `tokens_per_second` and whether the user `interrupted`
    it, in which case it is what there was by then. `on_count` hears how many tokens there are. An encoder-decoder's
    `ids` are those it wrote, from the start token on.
    """
    settings["stop"] = [loaded.id_of(token) for token in stop] or list(loaded.ends)
    both = loaded.model.config.architecture == "encoder-decoder"
    written = [loaded.start] if both else list(ids)

    def keep(token: Tensor) -> None:
        written.append(int(token[0, 0]))
        on_count(len(written))

    started, interrupted = time.perf_counter(), False
    try:
        written = generate(
            loaded.model, torch.tensor([ids], dtype=torch.long), on_token=keep, **settings
        )[0].tolist()  # fmt: skip
    except KeyboardInterrupt:
        interrupted = True
    seconds = time.perf_counter() - started
    first = len(ids) if loaded.model.encoder is None else 1
    text, before = loaded.text(written), loaded.text(written[:first])
    # Behind the prompt, because a decoder drops the space at the beginning of a text.
    follows = text is not None and before is not None and text.startswith(before)
    return {
        "ids": written,
        "text": text,
        "new_ids": written[first:],
        "new_text": text[len(before or "") :] if text is not None and follows else loaded.text(written[first:]),
        "settings": settings,
        "tokens_per_second": (len(written) - first) / seconds,
        "interrupted": interrupted,
    }


def _encoded(loaded: Loaded, x: Tensor, tokens: list[dict[str, Any]], top: int, trace: Trace) -> dict[str, Any]:
    """What an encoder makes of ids (1, seq); what its heads give goes on the trace too."""
    model = loaded.model
    hidden = model(x, trace=trace)[0]  # (seq, d_model)
    norms = plain(hidden.float().norm(dim=-1))  # (seq)
    facts: dict[str, Any] = {
        "tokens": [token | {"norm": norm} for token, norm in zip(tokens, norms, strict=True)],
        "hidden": {"shape": list(hidden.shape)},
    }
    if model.mlm is not None:
        probabilities = model.mlm_logits(x, trace=trace)[0].float().softmax(-1)  # (seq, vocab)
        facts["predictions"] = [_likeliest(loaded, row, top) for row in probabilities]
    if model.classifier is not None:
        logits = model.classify(x, trace=trace)[0].float()  # (labels)
        if len(logits) == 1:
            return facts | {"score": plain(logits)[0]}
        facts["classes"] = plain(logits.softmax(-1))  # (labels)
        facts |= {"labels": list(loaded.labels)} if loaded.labels else {}
    return facts


def _decoded(
    loaded: Loaded, ids: Sequence[int], logits: Tensor, top: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Each token with its log-probability, and the likeliest to follow, from logits (seq, vocab)."""
    read_ids = torch.tensor(ids[1:], dtype=torch.long, device=logits.device)[:, None]  # (seq - 1, 1)
    of_all = logits.float().log_softmax(-1)  # (seq, vocab)
    own = [None, *plain(of_all[:-1].gather(-1, read_ids)[:, 0])]  # the first follows nothing
    tokens = [token | {"log_probability": x} for token, x in zip(_spelled(loaded, ids), own, strict=True)]
    return tokens, _likeliest(loaded, of_all[-1].exp(), top)


def _likeliest(loaded: Loaded, probabilities: Tensor, top: int) -> list[dict[str, Any]]:
    """The likeliest tokens of probabilities (vocab)."""
    values, ids = probabilities.topk(min(top, len(probabilities)))  # (top)
    spelled = _spelled(loaded, ids.tolist())
    return [token | {"probability": x} for token, x in zip(spelled, plain(values), strict=True)]


def _spelled(loaded: Loaded, ids: Sequence[int]) -> list[dict[str, Any]]:
    return [{"id": id_, "token": loaded.piece(id_)} for id_ in ids]


def _recorded(trace: Trace, every_value: bool) -> list[dict[str, Any]]:
    first = next(filter(_is_pattern, trace), None)
    return [
        {"name": name, "shape": list(x.shape)} | ({"values": plain(x)} if every_value or name == first else {})
        for name, x in trace.items()
    ]


def _scores(trace: Trace, ids: Tensor, decoder_ids: Tensor) -> list[dict[str, Any]]:
    """Scores of the heads of each self-attention that was recorded, for ids (1, seq)."""
    found = []
    for name, pattern in trace.items():
        if _is_pattern(name) and ".cross_attn." not in name:
            of_tokens = ids if name.startswith("encoder.") else decoder_ids  # (1, seq)
            heads = range(pattern.shape[1]) if trace.head is None else [trace.head]
            scores = head_scores.scores(pattern, of_tokens) | {"entropy": head_scores.entropy(pattern)}
            found.append({"name": name, "heads": list(heads)} | {score: plain(x) for score, x in scores.items()})
    return found


def _is_pattern(name: str) -> bool:
    return name.endswith(".pattern")


def _nothing_matches(model: Transformer, only: str) -> UsageError:
    """What to say of a glob that matches nothing, with the names that a single token has."""
    trace, one = Trace(), torch.zeros(1, 1, dtype=torch.long)  # (1, 1)
    model(one, decoder_input_ids=one if model.config.architecture == "encoder-decoder" else None, trace=trace)
    close = get_close_matches(only.partition("[")[0], trace, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "--trace '*' records all; --trace '*.pattern' patterns"
    return UsageError("no value has such a name", where=f"--trace {only}", hint=hint)


def plain(x: Tensor) -> Any:  # noqa: ANN401 - lists as deep as the tensor has dimensions
    """Nested lists of finite numbers; what is not finite is the text "inf", "-inf" or "nan"."""
    return x.tolist() if bool(x.isfinite().all()) else _texts(x.tolist())


def _texts(values: Any) -> Any:  # noqa: ANN401
    if isinstance(values, list):
        return [_texts(value) for value in values]
    return values if abs(values) < float("inf") else str(values)


def _ends(folder: Path, vocab_size: int) -> tuple[int, ...]:
    """The ids that end a text, as generation_config.json or config.json name them."""
    for name in ("generation_config.json", "config.json"):
        named = _values(folder / name).get("eos_token_id")
        ids = named if isinstance(named, list) else [named]
        if ends := tuple(id_ for id_ in ids if isinstance(id_, int) and 0 <= id_ < vocab_size):
            return ends
    return ()


def _labels(folder: Path, count: int) -> tuple[str, ...]:
    """The names of so many classes, as config.json has them; none where it doesn't name each."""
    named = _values(folder / "config.json").get(LABELS)
    given = [named.get(str(at)) for at in range(count)] if isinstance(named, dict) else []
    labels = tuple(label for label in given if isinstance(label, str))
    return labels if len(labels) == count else ()


def _values(file: Path) -> dict[str, Any]:
    """The settings in a JSON file; none where it is missing or can't be read."""
    try:
        values = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}

"""Generation: tokens one after the other, by the likeliest, by a draw, or by beam search."""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor

from studycli.engine import inputs, sampling
from studycli.engine.beam import beam_search, not_finite
from studycli.engine.device import memory_errors
from studycli.engine.model import Transformer
from studycli.engine.reader import Reader
from studycli.errors import EngineError


def generate(
    model: Transformer,
    input_ids: Tensor,
    max_new_tokens: int = 50,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    num_beams: int = 1,
    use_cache: bool = True,
    seed: int | None = None,
    stop: Collection[int] = (),
    *,
    attention_mask: Tensor | None = None,
    length_penalty: float = 1.0,
    on_token: Callable[[Tensor], None] | None = None,
) -> Tensor:
    """Continue ids (batch, seq) by up to `max_new_tokens`: (batch, seq + new).

    An encoder-decoder reads the ids and gives its own, (batch, 1 + new), from the start token on. Temperature 0 takes
    the likeliest token; above it tokens are drawn from `sampling.distribution`, the same for the same `seed` on every
    device. `num_beams` keeps that many sequences at a time and gives the one with the largest sum of log-probabilities
    over (new tokens) ** `length_penalty`. A row ends after a token of `stop`; shorter rows are filled with the pad
    token, or with that stop token where there is none. `attention_mask` (batch, seq), 1 keep and 0 pad, is for
    prompts of different lengths; a decoder's are padded on the left. `on_token` gets each new token (batch, 1) as it
    comes, but for beams. Raises EngineError for what makes no sense, where prompt and new tokens are more than a
    learned table of positions has rows, and for logits that are not finite.
    """
    _check(model, max_new_tokens, temperature, num_beams, stop)
    _check_numbers(seed, length_penalty)
    sampling.check(temperature, top_k, top_p)
    input_ids = inputs.ids(input_ids, model.config, model.device, "input_ids")  # (batch, seq)
    inputs.key_mask(attention_mask, input_ids.shape, model.device)
    with memory_errors("generate"), torch.inference_mode():
        reader, sequences = begin(model, input_ids, attention_mask, max_new_tokens, use_cache)
        if num_beams > 1:
            rows = [
                beam_search(reader.row(row), sequences[row : row + 1], max_new_tokens, num_beams, stop, length_penalty)
                for row in range(len(sequences))
            ]
            sequences = _fill(rows, model)  # (batch, seq + new)
        else:
            random = torch.Generator()
            _ = random.seed() if seed is None else random.manual_seed(seed)
            sequences = _sample(reader, sequences, max_new_tokens, temperature, top_k, top_p, random, stop, on_token)
    return sequences.clone()  # (batch, seq + new), usable where gradients are wanted


def begin(
    model: Transformer, input_ids: Tensor, attention_mask: Tensor | None, max_new_tokens: int, use_cache: bool
) -> tuple[Reader, Tensor]:
    """What gives the logits, and the sequences (batch, seq) it begins with."""
    if model.encoder is None:
        _check_room(model, input_ids.shape[1], max_new_tokens)
        return Reader(model, len(input_ids), input_ids.shape[1] + max_new_tokens, use_cache, attention_mask), input_ids
    start = model.config.start_id
    if start is None:
        raise EngineError("the model names no start token", where="config", hint="set start_id")
    _check_room(model, 1, max_new_tokens)
    memory = model.encode(input_ids, attention_mask)
    reader = Reader(model, len(input_ids), 1 + max_new_tokens, use_cache, memory=memory)
    return reader, torch.full((len(input_ids), 1), start, device=model.device)  # (batch, 1)


def _sample(
    reader: Reader,
    sequences: Tensor,
    max_new_tokens: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    random: torch.Generator,
    stop: Collection[int],
    on_token: Callable[[Tensor], None] | None,
) -> Tensor:
    ends = torch.tensor(sorted(stop), device=sequences.device)  # (stop tokens)
    ended = torch.zeros(len(sequences), 1, dtype=torch.bool, device=sequences.device)  # (batch, 1)
    filler = torch.zeros(len(sequences), 1, dtype=torch.long, device=sequences.device)  # (batch, 1)
    pad_id = reader.model.config.pad_id
    pieces, token, heights = [sequences], sequences, []  # (batch, seq)
    for _ in range(max_new_tokens):
        logits = reader.read(token)  # (batch, vocab)
        if temperature == 0:
            height, token = logits.max(-1, keepdim=True)  # (batch, 1)
        else:
            height = logits.amax(-1, keepdim=True)  # (batch, 1)
            probabilities = sampling.distribution(logits, temperature, top_k, top_p)  # (batch, vocab)
            token = sampling.draw(probabilities, random)[:, None]  # (batch, 1)
        if stop:
            token = torch.where(ended, filler, token)  # (batch, 1)
            ending = torch.isin(token, ends) & ~ended  # (batch, 1)
            filler = torch.where(ending, token if pad_id is None else pad_id, filler)  # (batch, 1)
            ended = ended | ending  # (batch, 1)
        pieces.append(token)
        heights.append(height)
        if on_token is not None:
            on_token(token)
        if stop and bool(ended.all()):
            break
    if heights and not bool(torch.cat(heights).isfinite().all()):
        raise not_finite()
    return torch.cat(pieces, dim=1)  # (batch, seq + new)


def _fill(rows: list[Tensor], model: Transformer) -> Tensor:
    """Rows (1, length) of different lengths as (batch, longest)."""
    longest = max(row.shape[1] for row in rows)
    filled = []
    for row in rows:
        filler = int(row[0, -1]) if model.config.pad_id is None else model.config.pad_id
        filled.append(torch.nn.functional.pad(row, (0, longest - row.shape[1]), value=filler))  # (1, longest)
    return torch.cat(filled)  # (batch, longest)


def _check(model: Transformer, max_new_tokens: int, temperature: float, num_beams: int, stop: Collection[int]) -> None:
    if model.decoder is None:
        raise EngineError("an encoder cannot generate", where="generate", hint="take a decoder or an encoder-decoder")
    if max_new_tokens < 0:
        raise EngineError(f"max_new_tokens is {max_new_tokens}", where="generate", hint="it is 0 or more")
    if num_beams < 1:
        raise EngineError(f"num_beams is {num_beams}", where="generate", hint="1 is no beam search")
    if num_beams > 1 and temperature:
        hint = "beam search takes the likeliest sequences; leave the temperature at 0"
        raise EngineError("beam search draws nothing", where="temperature", hint=hint)
    if isinstance(stop, int | str):
        raise EngineError(f"stop is {stop!r}", where="stop", hint="it is a collection of ids, such as (50256,)")
    for token in stop:
        if not 0 <= token < model.config.vocab_size:
            hint = f"ids go from 0 to {model.config.vocab_size - 1}"
            raise EngineError(f"the stop token {token} is out of range", where="stop", hint=hint)


def _check_numbers(seed: int | None, length_penalty: float) -> None:
    if seed is not None and not 0 <= seed < 2**63:
        raise EngineError(f"the seed is {seed}", where="seed", hint="a whole number from 0 to 2**63 - 1")
    if not abs(length_penalty) <= 10:
        hint = "a number from -10 to 10; above 0 favours long sequences"
        raise EngineError(f"the length penalty is {length_penalty}", where="length_penalty", hint=hint)


def _check_room(model: Transformer, prompt: int, new: int) -> None:
    rows = model.config.max_length
    # The last token is never read, so it needs no position.
    if model.config.position == "learned" and rows is not None and prompt + max(new - 1, 0) > rows:
        message = f"{prompt} tokens and {new} new ones are more than the {rows} positions of the learned table"
        hint = f"ask for at most {rows - prompt + 1} new tokens" if prompt <= rows else "shorten the prompt"
        raise EngineError(message, where="max_new_tokens", hint=hint)

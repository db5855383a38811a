"""Tokenizer: text to ids and back by byte-level BPE, and the merges that lead there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from studycli.engine.whole_file import write_whole
from studycli.errors import EngineError, MissingError

# GPT-2's alphabet for bytes (`bytes_to_unicode` in its encoder.py; Radford et al. 2019, section 2.2): a visible byte is
# the character of its own number, the n-th of the others is character 256 + n.
_VISIBLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_OTHERS = [byte for byte in range(256) if byte not in _VISIBLE]
_BYTES = {chr(byte): byte for byte in _VISIBLE} | {chr(256 + n): byte for n, byte in enumerate(_OTHERS)}


@dataclass(frozen=True)
class Merge:
    """One use of a merge rule: two neighbours in a word, `left` and `right`, became one piece.

    `word` counts the words (pre-tokens and special tokens) of the text from 0, `rank` the rules in the order in which
    they were learned. `pieces` is the whole word afterwards. Pieces are spelled as `Tokenizer.tokens` spells them.
    """

    word: int
    rank: int
    left: str
    right: str
    pieces: tuple[str, ...]


_Step = tuple[int, str, str, tuple[str, ...]]  # rank, left, right, the pieces afterwards


class Tokenizer:
    """A `tokenizers.Tokenizer` without the truncation and padding that a file may ask for."""

    def __init__(self, inner: tokenizers.Tokenizer) -> None:
        inner.no_truncation()
        inner.no_padding()
        self._inner = inner

    @classmethod
    def train(cls, texts: Iterable[str], vocab_size: int, special_tokens: Sequence[str] = ()) -> Tokenizer:
        """Byte-level BPE over GPT-2's pre-tokens: ids for the special tokens, then for 256 bytes, then for merges.

        Equal texts give equal tokenizers; fewer than `vocab_size` tokens where no pair is left to merge. Raises
        EngineError for a `vocab_size` too small for the bytes, and for a special token spelled like other bytes.
        """
        for token in special_tokens:
            if not token or _readable(_text(token)) != token:
                hint = "use visible ASCII characters, as in <|end|>"
                raise EngineError("a special token is empty or spelled like other bytes", where=repr(token), hint=hint)
        least = len(set(special_tokens) | set(_BYTES))
        if vocab_size < least:
            raise EngineError(f"a vocabulary of {vocab_size} cannot hold every byte", hint=f"it takes {least} or more")
        inner = tokenizers.Tokenizer(models.BPE())
        inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        inner.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=list(_BYTES), show_progress=False)
        trainer.special_tokens = list(special_tokens)
        # A lone str is an iterable of str too, and would be learned letter by letter.
        inner.train_from_iterator(map(_text, [texts] if isinstance(texts, str) else texts), trainer)
        return cls(inner)

    @classmethod
    def load(cls, path: str | Path) -> Tokenizer:
        """Read a Hugging Face `tokenizer.json`, or the one in a folder.

        Raises MissingError where there is none, EngineError for one that is damaged or of an unknown kind.
        """
        file = _file(path)
        try:
            text = file.read_text(encoding="utf-8")
            json.loads(text)
            return cls(tokenizers.Tokenizer.from_str(text))
        except (FileNotFoundError, NotADirectoryError) as error:
            hint = "`save_pretrained` of a fast tokenizer writes one"
            raise MissingError("there is no such tokenizer", where=str(file), hint=hint) from error
        except OSError as error:
            raise EngineError(f"cannot be read: {error.strerror}", where=str(file), hint="check the path") from error
        except (ValueError, RecursionError) as error:
            hint = "it may be cut off; fetch it again"
            raise EngineError(f"is not JSON: {error}", where=str(file), hint=hint) from error
        except Exception as error:  # tokenizers raises nothing narrower
            hint = f"fetch it again; here is tokenizers {tokenizers.__version__}, and it may need a later one"
            raise EngineError(f"is not a tokenizer: {error}", where=str(file), hint=hint) from error

    def save(self, path: str | Path) -> None:
        """Write a `tokenizer.json`, whole or not at all, to a file or into a folder. Raises EngineError."""
        text = self._inner.to_str(pretty=True)
        write_whole(_file(path), lambda file: file.write_text(text, encoding="utf-8", newline="\n"))

    @property
    def vocab_size(self) -> int:
        """The number of tokens, special ones included."""
        return self._inner.get_vocab_size()

    @cached_property
    def unknown_id(self) -> int | None:
        """The id that stands for any word that is not there; None where every text has ids of its own."""
        unknown = self._spec["model"].get("unk_token")
        return self._inner.token_to_id(unknown) if isinstance(unknown, str) else None

    def encode(self, text: str, *, add_special_tokens: bool = False) -> list[int]:
        """The ids of a text; the spelling of a special token is that token, wherever it stands.

        `add_special_tokens` adds those that the file wants around every text. Raises EngineError for a lone surrogate,
        and for a character that a loaded model can't represent in any way.
        """
        return _encode(self._inner, text, add_special_tokens).ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, special tokens included; U+FFFD for bytes that are no whole character.

        What `encode` gives comes back as it was, if the tokenizer was trained here; others may normalize. Raises
        EngineError for an id without a token.
        """
        ids = list(ids)
        for id_ in ids:
            if id_ not in self._spellings:
                hint = f"the ids go from 0 to {max(self._spellings, default=0)}"
                raise EngineError("no token has this id", where=f"id {id_}", hint=hint)
        return self._inner.decode(ids, skip_special_tokens=False)

    def tokens(self, text: str) -> list[str]:
        """The piece of the text behind each id of `encode(text)`; bytes that are no whole character as `<0xE2>`.

        Where the model is not byte-level, as the vocabulary spells it.
        """
        return [self._spellings[id_] for id_ in self.encode(text)]

    def piece(self, id_: int) -> str | None:
        """How `tokens` spells the token of an id; None for an id without one."""
        return self._spellings.get(id_)

    def has(self, token: str) -> bool:
        """Whether there is a token that is spelled so."""
        return token in self._spellings.values()

    def id_of(self, token: str) -> int:
        """The lowest id of a token, spelled as `tokens` spells it. Raises EngineError where there is none."""
        ids = [id_ for id_, spelling in self._spellings.items() if spelling == token]
        if not ids:
            hint = "spell it as in a text, with the space before it"
            raise EngineError("the vocabulary has no such token", where=repr(token), hint=hint)
        return min(ids)

    def merges(self, text: str) -> list[Merge]:
        """The merges in the order in which they were applied, word by word; after its last, a word is as encoded.

        Takes time that grows with the square of a word's length. Raises EngineError where the model is not BPE.
        """
        spec = self._spec["model"]
        if spec["type"] != "BPE":
            raise EngineError(f"a {spec['type']} model has no merges", hint="only BPE has; encode and decode work")
        ranks = {(left, right): rank for rank, (left, right) in enumerate(spec["merges"])}
        prefix = len(spec["continuing_subword_prefix"] or "")
        spell = cache(self._spell)
        start = _encode(self._unmerged, text)
        words = groupby(zip(start.tokens, start.word_ids, strict=True), key=lambda pair: pair[1])
        return [
            Merge(word, rank, spell(left), spell(right), tuple(map(spell, pieces)))
            for word, (_, group) in enumerate(words)
            for rank, left, right, pieces in _merge([piece for piece, _ in group], ranks, prefix)
        ]

    def _spell(self, token: str) -> str:
        decoder = self._spec["decoder"] or {"type": None}
        byte_level = any(part["type"] == "ByteLevel" for part in decoder.get("decoders", [decoder]))
        return _readable(token) if byte_level else token

    @cached_property
    def _spec(self) -> dict[str, Any]:
        return json.loads(self._inner.to_str())  # type: ignore[no-any-return]

    @cached_property
    def _spellings(self) -> dict[int, str]:
        return {id_: self._spell(token) for token, id_ in self._inner.get_vocab().items()}

    @cached_property
    def _unmerged(self) -> tokenizers.Tokenizer:
        # Without merges, the tokenizer itself gives the pieces that merging starts from.
        return tokenizers.Tokenizer.from_str(json.dumps(self._spec | {"model": self._spec["model"] | {"merges": []}}))


def _encode(inner: tokenizers.Tokenizer, text: str, add_special_tokens: bool = False) -> tokenizers.Encoding:
    text = _text(text)
    try:
        return inner.encode(text, add_special_tokens=add_special_tokens)
    except Exception as error:  # tokenizers raises nothing narrower
        raise _unknown(inner, text, error) from error


def _unknown(inner: tokenizers.Tokenizer, text: str, error: Exception) -> EngineError:
    """What to say of a text that has no ids: the first word that the vocabulary doesn't have, where words are known."""
    pieces = [] if inner.pre_tokenizer is None else inner.pre_tokenizer.pre_tokenize_str(text)
    word = next((piece for piece, _ in pieces if inner.token_to_id(piece) is None), None)
    if word is None or type(inner.model) is not models.WordLevel:
        hint = "its vocabulary has no token for what is unknown"
        return EngineError(f"cannot be encoded: {error}", hint=hint)
    vocabulary = list(inner.get_vocab())
    close = get_close_matches(word.lower(), vocabulary, n=4, cutoff=0.5) or sorted(vocabulary)[:8]
    return EngineError(
        f"'{word}' is not in the model's vocabulary", where="text", hint=f"it has {', '.join(close)} ..."
    )


def _merge(pieces: list[str], ranks: dict[tuple[str, str], int], prefix: int) -> Iterator[_Step]:
    """Join the pair of lowest rank, the leftmost of equals, until none is left (Sennrich et al. 2016, section 3.2)."""
    while found := [(ranks[pair], at) for at, pair in enumerate(pairwise(pieces)) if pair in ranks]:
        rank, at = min(found)
        left, right = pieces[at : at + 2]
        pieces[at : at + 2] = [left + right[prefix:]]
        yield rank, left, right, tuple(pieces)


def _readable(token: str) -> str:
    if not set(token) <= _BYTES.keys():  # an added token, which is text and not bytes
        return token
    text = bytes(_BYTES[character] for character in token).decode("utf-8", errors="surrogateescape")
    return re.sub("[\udc80-\udcff]", lambda match: f"<0x{ord(match[0]) - 0xDC00:02X}>", text)


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        lone = f"U+{ord(text[error.start]):04X} is half of a character"
        raise EngineError(lone, where=f"character {error.start}", hint="decode with errors='replace'") from error
    return text


def _file(path: str | Path) -> Path:
    path = Path(path)
    return path / "tokenizer.json" if path.is_dir() else path

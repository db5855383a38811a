"""Laws of the tokenizer: every text comes back, and the merges that are listed are the ones that encoded it."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine.tokenizer import Merge, Tokenizer

CORPUS = """The lowest of the low is lower than the newest and the widest. It's 2017, and attention is all you need:
we don't, they'll, I've. Naïve café, naïve café: déjà vu. Ångström ünïcödé é — “quoted” … 漢字漢字かな 👩‍👩‍👧 👩‍💻 🤗🤗
    for i in range(1024):  x[i] = x[i - 1] + 1\r\n\t\tend \x00\x00\x01 Ġthe Ġlow"""
SPECIAL = ["<|end|>", "<|漢字|>", "<|a b|>", "low"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(
    st.sampled_from([*SPECIAL, *re.split(r"(\s)", CORPUS), "\u0301", "\u200d", "\ufeff", "\ufffd", "\U0010ffff", "\r"])
).map("".join)

# The rules of a small GPT-2, in the older spelling; `Ġ` is a space, and `Ã ©` are the bytes of é.
GPT2_MERGES = re.split(
    r"\|",
    "Ġ t|Ġ a|h e|i n|r e|o n|Ġt he|e r|Ġ s|a t|Ġ w|Ġ o|e n|Ġ c|i t|i s|a n|o r|e s|l o|lo w|Ġ low|Ġlow er|es t|"
    "Ã ©|Ã ¯|ð Ł|ðŁ ¤|ðŁ¤ Ĺ|â Ģ|âĢ Ķ|âĢ ľ|æ ¼|æ¼ ¢|' s|ĠĠ Ġ|Ġ Ġ|Ċ Ċ|Ġa n|Ġan d",
)


def gpt2() -> dict:
    """A `tokenizer.json` laid out as GPT-2's: visible bytes, other bytes, merges, and the end of the text last."""
    visible = [byte for byte in range(256) if 0x21 <= byte <= 0x7E or (byte >= 0xA1 and byte != 0xAD)]
    alphabet = [*map(chr, visible), *(chr(256 + n) for n in range(256 - len(visible)))]
    tokens = [*alphabet, *(merge.replace(" ", "") for merge in GPT2_MERGES), "<|endoftext|>"]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    flags = dict.fromkeys(["single_word", "lstrip", "rstrip"], False) | {"normalized": True, "special": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": len(tokens) - 1, "content": "<|endoftext|>", **flags}],
        "pre_tokenizer": level,
        "post_processor": level | {"trim_offsets": False},
        "decoder": level,
        "model": {
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "vocab": {token: id_ for id_, token in enumerate(tokens)},
            "merges": GPT2_MERGES,
        },
    }


def loaded(spec: str) -> tuple[Tokenizer, tokenizers.Tokenizer]:
    """The tokenizer of a file, and the package's own of the same."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tokenizer.json"
        path.write_text(spec, encoding="utf-8")
        return Tokenizer.load(path), tokenizers.Tokenizer.from_file(str(path))


@cache
def pair(kind: str) -> tuple[Tokenizer, tokenizers.Tokenizer]:
    if kind == "gpt2":
        return loaded(json.dumps(gpt2()))
    with TemporaryDirectory() as folder:
        Tokenizer.train(CORPUS.splitlines(), 420, SPECIAL).save(folder)
        return loaded((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))


KINDS = st.sampled_from(["trained", "gpt2"])


def final(merges: list[Merge]) -> dict[int, list[str]]:
    """The pieces of each word after its last merge."""
    return {merge.word: list(merge.pieces) for merge in merges}


@given(TEXTS)
def test_every_text_comes_back(text: str) -> None:
    tokenizer, _ = pair("trained")
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(KINDS, TEXTS)
def test_it_encodes_as_the_package_does(kind: str, text: str) -> None:
    tokenizer, package = pair(kind)
    assert tokenizer.encode(text) == package.encode(text).ids


@given(KINDS, TEXTS.filter(lambda text: "<0x" not in text))
def test_tokens_show_every_byte_of_the_text(kind: str, text: str) -> None:
    tokenizer, _ = pair(kind)
    tokens = tokenizer.tokens(text)
    shown = "".join(tokens).encode()
    assert re.sub(rb"<0x([0-9A-F]{2})>", lambda match: bytes.fromhex(match[1].decode()), shown) == text.encode()
    assert [tokenizer.id_of(token) for token in tokens] == tokenizer.encode(text)


@given(KINDS, TEXTS)
def test_merging_ends_at_the_tokens(kind: str, text: str) -> None:
    tokenizer, package = pair(kind)
    tokens = zip(tokenizer.tokens(text), package.encode(text).word_ids, strict=True)
    words = [[token for token, _ in group] for _, group in groupby(tokens, key=lambda token: token[1])]
    merges = tokenizer.merges(text)
    merged = final(merges)
    assert [merged.get(index, word) for index, word in enumerate(words)] == words
    assert [merge.word for merge in merges] == sorted(merge.word for merge in merges)
    for index, word in enumerate(words):
        if index not in merged:  # nothing merged: it is single bytes, or a special token
            assert len(word) == 1 or all(re.fullmatch(r"<0x..>|.", piece, re.DOTALL) for piece in word)


@given(KINDS, TEXTS)
def test_each_merge_joins_two_neighbours_by_its_rule(kind: str, text: str) -> None:
    tokenizer, package = pair(kind)
    rules = json.loads(package.to_str())["model"]["merges"]
    for _, group in groupby(tokenizer.merges(text), key=lambda merge: merge.word):
        steps = list(group)
        for merge in steps:
            left, right = ([tokenizer.id_of(side)] for side in (merge.left, merge.right))
            assert [package.token_to_id(side) for side in rules[merge.rank]] == left + right
        for before, merge in pairwise(steps):
            spots = [at for at, two in enumerate(pairwise(before.pieces)) if two == (merge.left, merge.right)]
            assert len(merge.pieces) == len(before.pieces) - 1
            assert any(
                merge.pieces[:at] + merge.pieces[at + 1 :] == before.pieces[:at] + before.pieces[at + 2 :]
                for at in spots
            )


@st.composite
def rules(draw: st.DrawFn) -> dict:
    """Merge rules in any order, so that a rule may come before those that make its parts."""
    tokens, merges = list("abc"), []
    for _ in range(draw(st.integers(1, 12))):
        two = [draw(st.sampled_from(tokens)), draw(st.sampled_from(tokens))]
        if two not in merges and "".join(two) not in tokens:
            merges.append(two)
            tokens.append("".join(two))
    vocabulary = {token: id_ for id_, token in enumerate(tokens)}
    return {"model": {"type": "BPE", "vocab": vocabulary, "merges": draw(st.permutations(merges))}}


@given(rules(), st.text("abc", min_size=1, max_size=30))
def test_rules_in_any_order_merge_as_the_package_does(spec: dict, word: str) -> None:
    tokenizer, package = loaded(json.dumps(spec))
    encoded = package.encode(word).tokens
    assert final(tokenizer.merges(word)).get(0, list(word)) == encoded

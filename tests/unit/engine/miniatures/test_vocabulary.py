"""Tokenizers of whole words and of single characters."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studycli.engine import Tokenizer
from studycli.engine.miniatures.vocabulary import character_tokenizer, word_tokenizer
from studycli.errors import EngineError

WORDS = ("<pad>", "<unk>", "cat", "sat", "can't", ",")


@given(st.lists(st.sampled_from(WORDS)))
def test_words_come_back(words: list[str]) -> None:
    tokenizer = word_tokenizer(WORDS, "<unk>")
    assert tokenizer.encode(" ".join(words)) == [WORDS.index(word) for word in words]
    assert tokenizer.decode(tokenizer.encode(" ".join(words))) == " ".join(words)


@given(st.text(alphabet="ab +\n'", max_size=20))
def test_characters_come_back(text: str) -> None:
    tokenizer = character_tokenizer([*"ab +\n'", "<s>"])
    assert tokenizer.encode(text) == ["ab +\n'".index(character) for character in text]
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_what_is_unknown_has_a_word_or_is_refused() -> None:
    assert word_tokenizer(WORDS, "<unk>").encode("cat dog") == [2, 1]
    with pytest.raises(EngineError, match="'cats' is not in the model's vocabulary") as caught:
        word_tokenizer(WORDS).encode("sat cats")
    assert caught.value.hint == "it has cat, can't, sat ..."
    with pytest.raises(EngineError, match="'c' is not in the model's vocabulary"):
        character_tokenizer("ab").encode("abc")


def test_a_text_begins_with_the_special_token_where_it_is_asked_for(tmp_path: Path) -> None:
    word_tokenizer(WORDS, "<unk>", first="<pad>").save(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    assert tokenizer.encode("cat sat") == [2, 3]
    assert tokenizer.encode("cat sat", add_special_tokens=True) == [0, 2, 3]


def test_an_entry_of_several_characters_is_an_id_and_never_read() -> None:
    tokenizer = character_tokenizer([*"<s>", "<s>"])
    assert tokenizer.id_of("<s>") == 3 and tokenizer.encode("<s>") == [0, 1, 2]


def test_a_file_reads_the_same(tmp_path: Path) -> None:
    for made, text in ((word_tokenizer(WORDS, "<unk>"), "sat , on cat"), (character_tokenizer("ab "), "ab ba")):
        made.save(tmp_path)
        read = Tokenizer.load(tmp_path)
        assert read.encode(text) == made.encode(text)
        assert read.decode(read.encode(text)) == made.decode(made.encode(text))


@pytest.mark.parametrize("words", [["a", "a"], [""], ["a b"], [" a"]])
def test_entries_that_could_not_be_read_are_refused(words: list[str]) -> None:
    with pytest.raises(EngineError, match="is empty, there twice, or holds a space"):
        word_tokenizer(words)


def test_the_unknown_word_is_one_of_them() -> None:
    with pytest.raises(EngineError, match="'<unk>' is no entry"):
        word_tokenizer(["a"], "<unk>")
    with pytest.raises(EngineError, match="'<s>' is no entry"):
        word_tokenizer(["a"], first="<s>")

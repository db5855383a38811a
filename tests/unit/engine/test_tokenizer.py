"""Tokenizer: merges known by hand, files good and bad, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studycli.engine.tokenizer import Merge, Tokenizer
from studycli.errors import EngineError, MissingError, StudyError

# Each text is one pre-token, so the counts can be taken by hand: u g 20, u n 16, then h ug 15, then p un 12.
HUGS = ["hug"] * 10 + ["pug"] * 5 + ["pun"] * 12 + ["bun"] * 4 + ["hugs"] * 5
LETTERS = {letter: id_ for id_, letter in enumerate("abcdelnorstw")}


@pytest.fixture(scope="module")
def hugs() -> Tokenizer:
    return Tokenizer.train(HUGS, 260)


def write(folder: Path, spec: object) -> Path:
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path


def spec_of(tokenizer: Tokenizer, folder: Path) -> dict:
    tokenizer.save(folder)
    return json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))


def bpe(merges: list[list[str]], extra: list[str], **options: object) -> dict:
    vocabulary = LETTERS | {token: len(LETTERS) + n for n, token in enumerate(extra)}
    return {"model": {"type": "BPE", "vocab": vocabulary, "merges": merges, **options}}


def test_what_is_learned_is_what_is_counted(hugs: Tokenizer, tmp_path: Path) -> None:
    merges = [["u", "g"], ["u", "n"], ["h", "ug"], ["p", "un"]]
    assert spec_of(hugs, tmp_path)["model"]["merges"] == merges
    assert hugs.vocab_size == 260
    assert [hugs.id_of(token) for token in ("ug", "un", "hug", "pun")] == [256, 257, 258, 259]


@pytest.mark.parametrize(
    ("text", "merges", "tokens"),
    [
        ("hugs", [Merge(0, 0, "u", "g", ("h", "ug", "s")), Merge(0, 2, "h", "ug", ("hug", "s"))], ["hug", "s"]),
        ("pugs", [Merge(0, 0, "u", "g", ("p", "ug", "s"))], ["p", "ug", "s"]),
        # The rule learned first goes first, though its pair stands last; of equal pairs, the leftmost.
        (
            "unugun",
            [
                Merge(0, 0, "u", "g", ("u", "n", "ug", "u", "n")),
                Merge(0, 1, "u", "n", ("un", "ug", "u", "n")),
                Merge(0, 1, "u", "n", ("un", "ug", "un")),
            ],
            ["un", "ug", "un"],
        ),
        # Words that nothing merges in are counted all the same.
        (
            "bug x pun",
            [
                Merge(0, 0, "u", "g", ("b", "ug")),
                Merge(2, 1, "u", "n", (" ", "p", "un")),
                Merge(2, 3, "p", "un", (" ", "pun")),
            ],
            ["b", "ug", " ", "x", " ", "pun"],
        ),
        ("x", [], ["x"]),
        ("", [], []),
    ],
)
def test_merges_and_tokens_by_hand(hugs: Tokenizer, text: str, merges: list[Merge], tokens: list[str]) -> None:
    assert hugs.merges(text) == merges
    assert hugs.tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (" a\n\x00", [" ", "a", "\n", "\x00"]),
        ("é", ["<0xC3>", "<0xA9>"]),
        ("¡\xa0\xad", ["<0xC2>", "<0xA1>", "<0xC2>", "<0xA0>", "<0xC2>", "<0xAD>"]),
        ("Ġ", ["<0xC4>", "<0xA0>"]),
    ],
)
def test_every_byte_is_shown(hugs: Tokenizer, text: str, tokens: list[str]) -> None:
    assert hugs.tokens(text) == tokens
    assert hugs.encode(text) == [hugs.id_of(token) for token in tokens]
    assert hugs.decode(hugs.encode(text)) == text


def test_characters_become_whole_as_their_bytes_merge() -> None:
    tokenizer = Tokenizer.train(["漢漢"], 258)
    first, last = tokenizer.merges("漢")
    assert first.pieces in {("<0xE6><0xBC>", "<0xA2>"), ("<0xE6>", "<0xBC><0xA2>")}
    assert last.pieces == ("漢",)
    assert tokenizer.decode(tokenizer.encode("漢")[:1]) == "漢"
    assert tokenizer.decode([tokenizer.id_of("<0xE6>")]) == "\ufffd"


def test_special_tokens_come_first_and_wherever_they_are_spelled() -> None:
    tokenizer = Tokenizer.train(HUGS, 262, ["<|end|>", "<|a b|>"])
    text = " hug<|end|>s <|a b|><|end|"
    assert tokenizer.tokens(text)[:5] == [" ", "hug", "<|end|>", "s", " "]
    assert [tokenizer.id_of(token) for token in ("<|end|>", "<|a b|>")] == [0, 1]
    assert tokenizer.encode("<|end|>") == [0]
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert [merge.word for merge in tokenizer.merges("hug<|end|>pug")] == [0, 0, 2]


@pytest.mark.parametrize("token", ["", "é", "Ġhug", "<é>"])
def test_a_special_token_that_could_be_bytes_is_refused(token: str) -> None:
    with pytest.raises(EngineError, match="spelled like other bytes"):
        Tokenizer.train(HUGS, 300, [token])


def test_a_vocabulary_too_small_for_the_bytes_is_refused() -> None:
    with pytest.raises(EngineError, match=r"a vocabulary of 256 .* 257 or more"):
        Tokenizer.train(HUGS, 256, ["<|end|>", "<|end|>", "a"])
    assert Tokenizer.train(HUGS, 257, ["<|end|>", "a"]).vocab_size == 257


def test_the_vocabulary_ends_where_nothing_is_left_to_merge() -> None:
    assert Tokenizer.train(["hug"], 1000).vocab_size == 258
    assert Tokenizer.train([], 1000).vocab_size == 256


def test_one_text_is_as_good_as_a_list_of_one() -> None:
    assert Tokenizer.train("hug hug", 300).encode("hug") == Tokenizer.train(["hug hug"], 300).encode("hug")
    assert Tokenizer.train("hug hug", 300).tokens("hug") == ["hug"]


def test_training_is_silent_and_gives_the_same_file_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = """
import sys
from studycli.engine.tokenizer import Tokenizer
texts = [" ".join(f"{n * n} é{n}" for n in range(500))]
Tokenizer.train(texts, 700, ["<|end|>"]).save(sys.argv[1])
"""
    for name in ("a.json", "b.json"):  # a fresh interpreter hashes anew
        subprocess.run([sys.executable, "-c", code, str(tmp_path / name)], check=True)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert Tokenizer.load(tmp_path / "a.json").vocab_size == 700
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "use",
    [
        lambda tokenizer, text: tokenizer.encode(text),
        lambda tokenizer, text: tokenizer.tokens(text),
        lambda tokenizer, text: tokenizer.merges(text),
        lambda tokenizer, text: Tokenizer.train(["a", text], 300),
        lambda tokenizer, text: Tokenizer.train(["a"], 300, [text]),
    ],
)
def test_half_a_character_is_refused(hugs: Tokenizer, use: Callable[[Tokenizer, str], object]) -> None:
    with pytest.raises(EngineError, match=r"character 3: U\+D83D is half of a character \(decode with"):
        use(hugs, "é🤗 \ud83d")


@pytest.mark.parametrize("id_", [-1, 260, 2**40])
def test_an_id_without_a_token_is_refused(hugs: Tokenizer, id_: int) -> None:
    with pytest.raises(EngineError, match=rf"id {id_}: no token .* from 0 to 259"):
        hugs.decode([0, id_])


def test_a_token_that_is_not_there_is_refused(hugs: Tokenizer) -> None:
    with pytest.raises(EngineError, match="' hug': the vocabulary has no such token"):
        hugs.id_of(" hug")


def test_of_two_tokens_spelled_alike_the_lower_id_is_meant() -> None:
    assert Tokenizer.train([], 257, ["<0xE2>"]).id_of("<0xE2>") == 0


def test_a_saved_tokenizer_is_the_same_one(hugs: Tokenizer, tmp_path: Path) -> None:
    hugs.save(tmp_path)
    hugs.save(str(tmp_path / "other.json"))
    assert (tmp_path / "tokenizer.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    for path in (tmp_path, tmp_path / "tokenizer.json", str(tmp_path / "other.json")):
        loaded = Tokenizer.load(path)
        assert loaded.encode("hugs 🤗") == hugs.encode("hugs 🤗")
        assert loaded.merges("hugs pun") == hugs.merges("hugs pun")


def test_saving_replaces_whole_files_or_leaves_all_as_it_was(hugs: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("old", encoding="utf-8")
    (tmp_path / "old").hardlink_to(path)
    hugs.save(path)
    assert Tokenizer.load(path).vocab_size == 260
    assert (tmp_path / "old").read_text(encoding="utf-8") == "old"  # a new file took the name
    (tmp_path / "folder" / "tokenizer.json").mkdir(parents=True)
    with pytest.raises(EngineError, match=r"tokenizer\.json: cannot be written: .*choose another place"):
        hugs.save(tmp_path / "folder")
    with pytest.raises(EngineError, match="cannot be written: No such file"):
        hugs.save(tmp_path / "nowhere" / "x.json")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "old", "tokenizer.json", "tokenizer.json"]


def test_merges_may_be_spelled_as_strings(hugs: Tokenizer, tmp_path: Path) -> None:
    spec = spec_of(hugs, tmp_path)
    spec["model"]["merges"] = [" ".join(pair) for pair in spec["model"]["merges"]]
    loaded = Tokenizer.load(write(tmp_path, spec))
    assert loaded.encode("hugs") == hugs.encode("hugs")
    assert loaded.merges("hugs") == hugs.merges("hugs")


def test_a_file_that_cuts_and_pads_still_gives_every_id(hugs: Tokenizer, tmp_path: Path) -> None:
    spec = spec_of(hugs, tmp_path)
    spec["truncation"] = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    spec["padding"] = {
        "strategy": {"Fixed": 8},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "!",
    }
    assert Tokenizer.load(write(tmp_path, spec)).tokens("hug pun") == ["hug", " ", "pun"]
    assert Tokenizer.load(tmp_path).tokens("") == []


def test_special_tokens_around_a_text_are_added_on_request(tmp_path: Path) -> None:
    spec = spec_of(Tokenizer.train(HUGS, 261, ["<|end|>"]), tmp_path)
    spec["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<|end|>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [0], "tokens": ["<|end|>"]}},
    }
    tokenizer = Tokenizer.load(write(tmp_path, spec))
    hug = tokenizer.id_of("hug")
    assert tokenizer.encode("hug") == [hug]
    assert tokenizer.encode("hug", add_special_tokens=True) == [hug, 0]
    assert tokenizer.decode([hug, 0]) == "hug<|end|>"
    assert [merge.pieces for merge in tokenizer.merges("hug")] == [("h", "ug"), ("hug",)]


@pytest.mark.parametrize(
    ("spec", "text", "tokens", "merges"),
    [
        (
            bpe([["o", "w</w>"], ["l", "ow</w>"]], ["w</w>", "ow</w>", "low</w>"], end_of_word_suffix="</w>"),
            "low",
            ["low</w>"],
            [("l", "ow</w>"), ("low</w>",)],
        ),
        (
            bpe([["l", "##o"], ["lo", "##w"]], ["##o", "##w", "##n", "lo", "low"], continuing_subword_prefix="##"),
            "lown",
            ["low", "##n"],
            [("lo", "##w", "##n"), ("low", "##n")],
        ),
        (bpe([["l", "o"]], ["lo", "low"], ignore_merges=True), "low", ["low"], []),
        (bpe([["l", "o"]], ["lo", "low"], ignore_merges=True), "lown", ["lo", "w", "n"], [("lo", "w", "n")]),
        (
            bpe([["l", "o"]], ["lo", "<0xC3>", "<0xA9>"], byte_fallback=True),
            "élo",
            ["<0xC3>", "<0xA9>", "lo"],
            [("<0xC3>", "<0xA9>", "lo")],
        ),
        (
            bpe([["l", "o"]], ["lo", "<unk>"], unk_token="<unk>", fuse_unk=True),
            "loéélo",
            ["lo", "<unk>", "lo"],
            [("lo", "<unk>", "l", "o"), ("lo", "<unk>", "lo")],
        ),
    ],
    ids=["suffix", "prefix", "whole words first", "else merges", "byte fallback", "unknown"],
)
def test_other_kinds_of_bpe_merge_as_they_encode(
    tmp_path: Path, spec: dict, text: str, tokens: list[str], merges: list[tuple[str, ...]]
) -> None:
    tokenizer = Tokenizer.load(write(tmp_path, spec))
    assert tokenizer.tokens(text) == tokens
    assert [merge.pieces for merge in tokenizer.merges(text)] == merges


OTHER_MODELS = {
    "Unigram": {"unk_id": 0, "vocab": [["<unk>", 0.0], ["low", -1.0], ["er", -2.0], ["l", -9.0]]},
    "WordPiece": {
        "vocab": {"[UNK]": 0, "low": 1, "##er": 2},
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
    },
    "WordLevel": {"vocab": {"[UNK]": 0, "lower": 1}, "unk_token": "[UNK]"},
}


@pytest.mark.parametrize(
    ("kind", "tokens", "text"),
    [
        ("Unigram", ["low", "er"], "lower"),
        ("WordPiece", ["low", "##er"], "lower"),
        ("WordLevel", ["lower"], "lower"),
    ],
)
def test_other_models_encode_but_do_not_merge(tmp_path: Path, kind: str, tokens: list[str], text: str) -> None:
    decoder = {"type": "WordPiece", "prefix": "##", "cleanup": False} if kind == "WordPiece" else {"type": "Fuse"}
    tokenizer = Tokenizer.load(write(tmp_path, {"decoder": decoder, "model": {"type": kind, **OTHER_MODELS[kind]}}))
    assert tokenizer.tokens(text) == tokens
    assert tokenizer.decode(tokenizer.encode(text)) == text
    with pytest.raises(EngineError, match=rf"a {kind} model has no merges \(only BPE"):
        tokenizer.merges(text)


def test_byte_level_is_known_by_the_decoder_wherever_it_stands(hugs: Tokenizer, tmp_path: Path) -> None:
    spec = spec_of(hugs, tmp_path)
    spec["decoder"] = {"type": "Sequence", "decoders": [spec["decoder"], {"type": "Fuse"}]}
    assert Tokenizer.load(write(tmp_path, spec)).tokens(" é") == hugs.tokens(" é")
    spec["decoder"] = None
    assert Tokenizer.load(write(tmp_path, spec)).tokens(" é") == ["Ġ", "Ã", "©"]


def test_a_model_without_a_token_for_the_unknown_says_so(tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(write(tmp_path, bpe([], [], unk_token="<unk>")))
    assert tokenizer.tokens("low") == ["l", "o", "w"]
    for use in (tokenizer.encode, tokenizer.merges):
        with pytest.raises(EngineError, match=r"cannot be encoded: .*has no token for what is unknown"):
            use("lök")


def test_where_there_is_no_file_one_is_missed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}", encoding="utf-8")
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file" / "tokenizer.json"):
        with pytest.raises(MissingError, match="there is no such tokenizer") as caught:
            Tokenizer.load(path)
        assert caught.value.where is not None and caught.value.where.startswith(str(path))
        assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"model": {"type": "BPE", "vocab"', "is not JSON: .*cut off"),
        (b"{}", "is not a tokenizer: Model missing"),
        (b"[]", "is not a tokenizer"),
        (b'{"version": "9", "model": {}}', "is not a tokenizer: Unknown tokenizer version .*a later one"),
        (b'{"model": {"type": "Clairvoyant"}}', "is not a tokenizer"),
        (b'{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}', "is not a tokenizer: Token `b` out of"),
        (b'{"model": {"type": "BPE", "vocab": {"\\ud800": 0}, "merges": []}}', "is not a tokenizer"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(data)
    with pytest.raises(EngineError, match=message) as caught:
        Tokenizer.load(path)
    assert caught.value.where == str(path) and caught.value.hint


def test_a_file_cut_anywhere_is_refused(hugs: Tokenizer, tmp_path: Path) -> None:
    hugs.save(tmp_path)
    path = tmp_path / "tokenizer.json"
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 97):
        path.write_bytes(whole[:end])
        with pytest.raises(StudyError, match="is not JSON"):
            Tokenizer.load(path)


def test_a_folder_in_the_place_of_the_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").mkdir()
    with pytest.raises(EngineError, match="cannot be read"):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize("part", ["a", " ", "hug é漢🤗\n", "\x00"], ids=["a", "space", "mixed", "NUL"])
def test_a_megabyte_comes_back_as_it_was(hugs: Tokenizer, part: str) -> None:
    text = part * (2**20 // len(part.encode()))
    assert hugs.decode(hugs.encode(text)) == text


def test_it_imports_neither_torch_nor_transformers() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'huggingface_hub'}"
    code = f"import sys, studycli.engine.tokenizer; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

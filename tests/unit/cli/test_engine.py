"""`studycli engine`: its commands, their JSON, their screens, and what they say to bad input."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch
from safetensors.torch import load_file, save_file

from studycli.cli.app import main
from studycli.engine.config import PRESETS
from studycli.engine.convert import save_pretrained
from studycli.engine.tokenizer import Tokenizer
from tests.engine_models import CROSS, ENCODER, PLAIN, build

Run = Callable[..., tuple[int, str, str]]
# Hostile: a terminal escape and a change of direction as tokens.
TEXTS = ["the cat sat on the mat, and the dog sat on the log \x1b[31mred \u202e"] * 3
TOKENIZER = Tokenizer.train(TEXTS, 310, ["<|end|>"])
VOCAB = TOKENIZER.vocab_size
HEADED = replace(ENCODER, vocab_size=VOCAB, n_labels=3, pooler=True)
MODELS = {"decoder": replace(PLAIN, vocab_size=VOCAB), "encoder": HEADED, "both": replace(CROSS, vocab_size=VOCAB)}


@pytest.fixture
def studycli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            main(["engine", *arguments])
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        out, err = capsys.readouterr()
        assert "Traceback" not in err and not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", out + err)
        return code, out, err

    return run


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of small models by kind; `bare` has no tokenizer, and `words` nothing but one."""
    root = tmp_path_factory.mktemp("weights")
    for name, config in MODELS.items():
        save_pretrained(build(config), root / name)
        TOKENIZER.save(root / name)
    save_pretrained(build(MODELS["decoder"]), root / "bare")
    (root / "words").mkdir()
    TOKENIZER.save(root / "words")
    return {folder.name: str(folder) for folder in root.iterdir()}


def read(answer: tuple[int, str, str]) -> dict:
    code, out, err = answer
    assert (code, err) == (0, "")
    return json.loads(out, parse_constant=pytest.fail)


def narrow(out: str) -> bool:
    return max(map(len, out.split("\n"))) <= 80


def test_the_commands(studycli: Run) -> None:
    code, out, _ = studycli("--help")
    assert code == 0
    assert [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines()] == [
        "info", "run", "generate", "tokenize", "verify", "models", "train",
    ]  # fmt: skip


def test_info_of_a_preset(studycli: Run) -> None:
    facts = read(studycli("info", "--preset", "gpt2", "--json", "--device", "cpu"))
    assert facts.keys() == {"name", "architecture", "config", "dtype", "parameters", "flops", "cache", "device"}
    assert facts["parameters"].keys() == {"parts", "total", "active", "bytes"}
    assert (facts["name"], facts["architecture"], facts["device"]) == ("gpt2", "decoder", "cpu")
    assert facts["parameters"]["total"] == 124_439_808
    assert facts["flops"].keys() == {"tokens", "parts", "total"} and facts["flops"]["tokens"] == 128
    # 2 (keys, values) x 12 layers x 768 numbers x 4 bytes, for each token
    assert facts["cache"] == {"tokens": 128, "bytes": 2 * 12 * 768 * 4 * 128}
    more = read(studycli("info", "--preset", "gpt2", "--json", "--tokens", "256"))
    assert more["flops"]["total"] > facts["flops"]["total"]
    assert more["cache"]["bytes"] == 2 * facts["cache"]["bytes"]


@pytest.mark.parametrize("preset", PRESETS)
def test_info_on_a_screen(preset: str, studycli: Run) -> None:
    code, out, err = studycli("info", "--preset", preset)
    assert (code, err) == (0, "") and narrow(out)
    assert out.startswith(f"{preset}: a{'n' if PRESETS[preset].architecture.startswith('e') else ''} ")
    assert "feed forward" in out and "As float32 they take " in out


@pytest.mark.parametrize(
    ("preset", "said"),
    [
        ("gpt2", ["12 heads of 64, with biases", "a learned table of 1,024 rows", "GELU (tanh form), d_ff 3,072"]),
        ("llama-2-70b", ["8 key/value heads (grouped-query), no biases", "SwiGLU", "logits by a matrix of its own"]),
        ("mixtral-8x7b", ["8 experts, 2 for each token", "12,879,925,248 of them serve one token."]),
        ("bert-base", ["LayerNorm after each part, and one on the embedding", "An encoder keeps no cache."]),
        ("t5-small", ["6 encoder and 6 decoder layers", "relative, 32 buckets", "FLOPs of reading and writing 128"]),
    ],
)
def test_info_in_plain_words(preset: str, said: list[str], studycli: Run) -> None:
    out = studycli("info", "--preset", preset)[1]
    assert [words for words in said if words not in out] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n_kv_heads": 1}, "1 key/value head for all (multi-query)"),
        ({"attention": "window", "window": 3}, "3 tokens to each side"),
        ({"position": "alibi"}, "ALiBi, a slope for each head; made for 48 tokens"),
        ({"residual": "parallel"}, "beside attention (parallel)"),
    ],
)
def test_info_of_options_from_the_config_alone(change: dict, said: str, studycli: Run, tmp_path: Path) -> None:
    values = {"model_type": "studycli"} | replace(PLAIN, **change).to_json()
    (tmp_path / "config.json").write_text(json.dumps(values), "utf-8")
    code, out, err = studycli("info", "--weights", str(tmp_path), "--tokens", "4")
    assert (code, err) == (0, "") and said in out


def test_info_of_weights(weights: dict[str, str], studycli: Run) -> None:
    facts = read(studycli("info", "--weights", weights["encoder"], "--json"))
    assert facts["flops"]["tokens"] == 48  # as many as there are positions
    assert facts["name"] == weights["encoder"] and facts["dtype"] == "float32"
    assert facts["parameters"]["total"] == sum(x.numel() for x in build(HEADED).parameters())
    out = studycli("info", "--weights", weights["encoder"], "--tokens", "8")[1]
    assert "hidden states, pooler, masked-LM head, classifier of 3 labels" in out


def test_run_a_decoder(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("run", "--weights", weights["decoder"], "--text", "the cat sat", "--top", "3")
    facts = read(studycli(*arguments, "--json"))
    assert facts.keys() == {"architecture", "tokens", "next"}
    assert [token["token"] for token in facts["tokens"]] == ["the", " cat", " sat"]
    assert [token.keys() for token in facts["tokens"]] == [{"id", "token", "log_probability"}] * 3
    assert [token.keys() for token in facts["next"]] == [{"id", "token", "probability"}] * 3
    code, out, err = studycli(*arguments)
    assert (code, err) == (0, "") and narrow(out)
    assert "' cat'" in out and "likeliest next" in out
    assert f"{facts['tokens'][1]['log_probability']:.3f}" in out


def test_run_with_ids_gives_the_same(weights: dict[str, str], studycli: Run) -> None:
    ids = " ".join(map(str, TOKENIZER.encode("the cat")))
    by_text = read(studycli("run", "--weights", weights["decoder"], "--text", "the cat", "--json"))
    assert read(studycli("run", "--weights", weights["decoder"], "--ids", ids, "--json")) == by_text
    assert read(studycli("run", "--weights", weights["decoder"], "--ids", ids.replace(" ", ","), "--json")) == by_text


def test_run_an_encoder(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("run", "--weights", weights["encoder"], "--text", "the cat", "--top", "2")
    facts = read(studycli(*arguments, "--json"))
    assert facts.keys() == {"architecture", "tokens", "hidden", "predictions", "classes"}
    assert [token.keys() for token in facts["tokens"]] == [{"id", "token", "norm"}] * 2
    assert [len(row) for row in facts["predictions"]] == [2, 2] and sum(facts["classes"]) == pytest.approx(1)
    code, out, err = studycli(*arguments)
    assert (code, err) == (0, "") and narrow(out)
    assert "hidden state: (2, 24)" in out and "the 2 likeliest in each place" in out and "Class" in out


def test_run_an_encoder_decoder(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("run", "--weights", weights["both"], "--text", "the cat")
    facts = read(studycli(*arguments, "--json"))
    assert facts.keys() == {"architecture", "tokens", "decoder_tokens", "next"}
    assert [token["id"] for token in facts["decoder_tokens"]] == [1]
    facts = read(studycli(*arguments, "--decoder-text", "the dog", "--json"))
    assert [token["id"] for token in facts["decoder_tokens"]] == [1, *TOKENIZER.encode("the dog")]
    facts = read(studycli(*arguments, "--decoder-ids", "4 5", "--json"))
    assert [token["id"] for token in facts["decoder_tokens"]] == [4, 5]
    out = studycli(*arguments)[1]
    assert "read by the encoder" in out and "read by the decoder" in out and narrow(out)


def test_special_tokens_stand_around_the_text_that_is_read_and_not_in_what_was_written(
    weights: dict[str, str], studycli: Run, tmp_path: Path
) -> None:
    copied = shutil.copytree(weights["both"], tmp_path / "special")
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel({"the": 5, "[E]": 6}, unk_token="the"))
    inner.post_processor = tokenizers.processors.TemplateProcessing(single="$A [E]", special_tokens=[("[E]", 6)])
    inner.save(str(copied / "tokenizer.json"))
    facts = read(studycli("run", "--weights", str(copied), "--text", "the", "--decoder-text", "the", "--json"))
    assert [token["id"] for token in facts["tokens"]] == [5, 6]
    assert [token["id"] for token in facts["decoder_tokens"]] == [1, 5]


def test_a_small_probability_is_not_shown_as_none(studycli: Run, tmp_path: Path) -> None:
    save_pretrained(build(MODELS["decoder"], spread=1.0), tmp_path)
    arguments = ("run", "--weights", str(tmp_path), "--ids", "4", "--top", str(VOCAB))
    facts = read(studycli(*arguments, "--json"))
    assert len(facts["next"]) == VOCAB and 0 < facts["next"][-1]["probability"] < 0.0005
    assert f"{facts['next'][-1]['probability']:.0e}" in studycli(*arguments)[1]


def test_run_reads_standard_input(weights: dict[str, str], studycli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the cat")))
    facts = read(studycli("run", "--weights", weights["decoder"], "--text", "-", "--json"))
    assert [token["token"] for token in facts["tokens"]] == ["the", " cat"]


def test_run_with_a_trace(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("run", "--weights", weights["decoder"], "--text", "the cat sat the cat", "--trace")
    facts = read(studycli(*arguments, "*.attn.pattern", "--json"))
    assert [value.keys() for value in facts["trace"]] == [{"name", "shape", "values"}] * 2
    assert facts["trace"][0]["shape"] == [1, 6, 5, 5]
    assert sum(facts["trace"][0]["values"][0][0][4]) == pytest.approx(1)
    scores = {"previous_token", "first_token", "duplicate_token", "induction", "diagonal", "local", "entropy"}
    assert [found.keys() for found in facts["head_scores"]] == [{"name", "heads"} | scores] * 2
    code, out, err = studycli(*arguments, "decoder.blocks.1.*")
    assert (code, err) == (0, "") and narrow(out)
    assert re.search(r"decoder\.blocks\.1\.ffn\.hidden +1 x 5 x 40\n", out)
    assert "head 5" in out and "what each head looks at" in out and "█" in out


def test_a_trace_without_a_pattern_draws_none(weights: dict[str, str], studycli: Run) -> None:
    code, out, err = studycli("run", "--weights", weights["decoder"], "--ids", "1 2", "--trace", "*.ffn.out")
    assert (code, err) == (0, "") and "decoder.blocks.1.ffn.out" in out
    assert "first pattern" not in out and "what each head" not in out


def test_a_pattern_between_two_texts_has_the_tokens_of_both(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("run", "--weights", weights["both"], "--text", "the cat", "--decoder-text", "dog")
    out = studycli(*arguments, "--trace", "decoder.blocks.0.cross_attn.pattern")[1]
    drawn = out.partition("head 0")[2]
    assert "cat" in drawn.partition("\n  0 ")[0] and "dog" in drawn and "what each head" not in out


def test_generate(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("generate", "--weights", weights["decoder"], "--text", "the cat", "--max-new-tokens", "6")
    facts = read(studycli(*arguments, "--json"))
    assert facts.keys() == {"ids", "text", "new_ids", "new_text", "settings", "tokens_per_second", "interrupted"}
    assert len(facts["new_ids"]) == 6 and facts["text"] == "the cat" + facts["new_text"]
    assert facts["settings"] == {
        "max_new_tokens": 6, "temperature": 0.0, "top_k": None, "top_p": None, "num_beams": 1,
        "length_penalty": 1.0, "seed": None, "use_cache": True, "stop": [],
    }  # fmt: skip
    assert read(studycli(*arguments, "--no-cache", "--json"))["ids"] == facts["ids"]
    code, out, err = studycli(*arguments)
    assert code == 0 and re.fullmatch(r"6 tokens, [\d.]+ a second\n", err)
    assert "the cat" not in out  # in a pipe, what is new alone


def test_generate_takes_every_setting(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("generate", "--weights", weights["decoder"], "--text", "the", "--max-new-tokens", "12", "--json")
    drawn = (*arguments, "--temperature", "1.5", "--top-k", "40", "--top-p", "0.9", "--seed", "3")
    facts = read(studycli(*drawn))
    assert read(studycli(*drawn))["ids"] == facts["ids"] != read(studycli(*arguments))["ids"]
    assert {"temperature": 1.5, "top_k": 40, "top_p": 0.9, "seed": 3}.items() <= facts["settings"].items()
    beams = read(studycli(*arguments, "--beams", "3", "--length-penalty", "0.5"))
    assert {"num_beams": 3, "length_penalty": 0.5}.items() <= beams["settings"].items()
    end = facts["new_ids"][4]
    stopped = read(studycli(*drawn, "--stop", "<|end|>", "--stop", str(end)))
    assert stopped["new_ids"] == facts["new_ids"][: facts["new_ids"].index(end) + 1]
    assert stopped["settings"]["stop"] == [TOKENIZER.id_of("<|end|>"), end]


def test_what_was_written_before_an_interruption_is_shown(
    weights: dict[str, str], studycli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studycli.engine import loaded

    arguments = ("generate", "--weights", weights["decoder"], "--text", "the cat", "--max-new-tokens", "8", "--json")
    whole = read(studycli(*arguments))
    real = loaded.generate

    def interrupted(*given: Any, on_token: Any, **settings: Any) -> Any:
        seen = 0

        def tell(token: Any) -> None:
            nonlocal seen
            on_token(token)
            seen += 1
            if seen == 4:
                raise KeyboardInterrupt

        return real(*given, on_token=tell, **settings)

    monkeypatch.setattr(loaded, "generate", interrupted)
    code, out, err = studycli(*arguments)
    assert code == 130 and "interrupted" in err
    facts = json.loads(out)
    assert facts["interrupted"] and facts["new_ids"] == whole["new_ids"][:4]


def test_a_draw_can_be_had_again(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("generate", "--weights", weights["decoder"], "--text", "the", "--max-new-tokens", "8", "--json")
    arguments = (*arguments, "--temperature", "2")
    facts = read(studycli(*arguments))
    again = read(studycli(*arguments, "--seed", str(facts["settings"]["seed"])))
    assert again["ids"] == facts["ids"]


def test_a_terminal_shows_the_prompt_in_a_line_of_its_own(
    weights: dict[str, str], studycli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studycli.cli import output

    monkeypatch.setattr(output, "plain_terminal", lambda: False)
    text = "the \x1b[31mcat"
    out = studycli("generate", "--weights", weights["decoder"], "--text", text, "--max-new-tokens", "1")[1]
    assert out.startswith("the [31mcat\n")


def test_generate_without_a_tokenizer(weights: dict[str, str], studycli: Run) -> None:
    arguments = ("generate", "--weights", weights["bare"], "--ids", "4 5", "--max-new-tokens", "3")
    facts = read(studycli(*arguments, "--json"))
    assert facts["text"] is None and facts["ids"][:2] == [4, 5]
    assert studycli(*arguments)[1] == " ".join(map(str, facts["new_ids"])) + "\n"


def test_tokenize(weights: dict[str, str], studycli: Run) -> None:
    facts = read(studycli("tokenize", "--weights", weights["words"], "the cats", "--merges", "--json"))
    assert facts.keys() == {"text", "tokens", "merges"} and facts["text"] == "the cats"
    assert [token["token"] for token in facts["tokens"]] == ["the", " cat", "s"]
    assert [token["id"] for token in facts["tokens"]] == TOKENIZER.encode("the cats")
    assert facts["merges"][0].keys() == {"word", "rank", "left", "right", "pieces"}
    assert facts["merges"][-1]["pieces"] == [" cat", "s"]
    assert "merges" not in read(studycli("tokenize", "--weights", weights["words"], "the", "--json"))


def test_tokens_on_a_screen_stand_in_columns(weights: dict[str, str], studycli: Run) -> None:
    code, out, err = studycli("tokenize", "--weights", weights["words"], "the  cats", "--merges", "--device", "cpu")
    assert (code, err) == (0, "") and narrow(out)
    tokens, merges = out.split("\n\n")
    assert {line.index("'") for line in tokens.splitlines()[1:]} == {tokens.splitlines()[0].index("Token")}
    assert "' '" in tokens and "' cat'" in tokens
    assert "'h' + 'e'" in merges and "' cat' 's'" in merges


def test_tokenize_reads_standard_input(weights: dict[str, str], studycli: Run, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the \xff")))
    assert read(studycli("tokenize", "--weights", weights["words"], "-", "--json"))["text"] == "the \ufffd"


def test_hostile_tokens_stay_text(weights: dict[str, str], studycli: Run) -> None:
    """The fixture looks for control characters in everything that is printed."""
    for command in (("tokenize", "--merges", TEXTS[0]), ("run", "--text", TEXTS[0], "--trace", "*.0.attn.pattern")):
        code, out, _ = studycli(command[0], "--weights", weights["decoder"], *command[1:])
        assert code == 0 and "\\x1b" in out
    ids = " ".join(map(str, TOKENIZER.encode(TEXTS[0])))
    end = str(TOKENIZER.id_of("\x1b"))
    assert studycli("generate", "--weights", weights["decoder"], "--ids", ids, "--stop", end, "--max-new-tokens", "2")


def test_verify(weights: dict[str, str], studycli: Run) -> None:
    facts = read(studycli("verify", "--weights", weights["decoder"], "--json"))
    assert facts.keys() == {"weights", "holds", "claims"} and facts["holds"] is True
    assert [claim.keys() for claim in facts["claims"]] == [{"name", "statement", "measured", "holds"}] * 7
    code, out, err = studycli("verify", "--weights", weights["both"])
    assert (code, err) == (0, "") and narrow(out)
    assert out.startswith("7 of 7 claims hold\n") and "FAILS" not in out and "measured: 2 files" in out


def test_a_claim_that_fails_is_exit_code_1(studycli: Run, tmp_path: Path) -> None:
    model = build(PLAIN)
    with torch.no_grad():
        model.W_E[0, 0] = float("nan")
    save_pretrained(model, tmp_path)
    code, out, err = studycli("verify", "--weights", str(tmp_path))
    assert (code, err) == (1, "") and "FAILS  finite" in out and "measured: 1 that are not" in out
    code, out, _ = studycli("verify", "--weights", str(tmp_path), "--json")
    facts = json.loads(out, parse_constant=pytest.fail)
    assert code == 1 and facts["holds"] is False


def test_a_hostile_tensor_stays_text(studycli: Run, tmp_path: Path) -> None:
    save_pretrained(build(PLAIN), tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    save_file(tensors | {"\x1b[31m\u202eW": torch.zeros(1)}, tmp_path / "model.safetensors")
    (tmp_path / "SHA256SUMS").unlink()
    code, out, _ = studycli("verify", "--weights", str(tmp_path))
    assert code == 1 and "FAILS  places" in out and "the tensor [31mW is not expected" in " ".join(out.split())


def test_without_a_number_it_writes_what_there_is_room_for(weights: dict[str, str], studycli: Run) -> None:
    """PLAIN has 48 positions, and the last token that is written needs none."""
    facts = read(studycli("generate", "--weights", weights["decoder"], "--ids", "1 2 3", "--json"))
    assert facts["settings"]["max_new_tokens"] == 46
    facts = read(studycli("generate", "--weights", weights["both"], "--ids", "1 2 3", "--json"))
    assert facts["settings"]["max_new_tokens"] == 50


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["info"],
            2,
            "--weights takes a folder with config.json and safetensors, a bundled model, or a name on",
        ),
        (["info"], 2, "bert-base, bert-large, gpt2, "),
        (["info", "--preset", "gtp2"], 2, "did you mean gpt2 or "),
        (["info", "--preset", "zzz"], 2, "the presets are bert-base, "),
        (["info", "--preset", "gpt2", "--weights", "decoder"], 2, "two models"),
        (["info", "--preset", "gpt2", "--tokens", "1025"], 2, "the model has 1024 positions"),
        (["info", "--preset", "gpt2", "--tokens", "0"], 2, "--tokens"),
        (["info", "--weights", "./nothing-here"], 1, "there is no such folder"),
        (["info", "--weights", "no-such-model"], 4, "HF_HUB_OFFLINE forbids it"),
        (["info", "--weights", "words"], 1, "the file is missing"),
        (["run", "--weights", "decoder"], 2, "give --text or --ids"),
        (["run", "--text", "the"], 2, "--weights"),
        (["run", "--weights", "decoder", "--text", "a", "--ids", "1"], 2, "--text and --ids are two texts"),
        (["run", "--weights", "decoder", "--text", ""], 2, "the text is empty"),
        (["run", "--weights", "decoder", "--ids", ""], 2, "there is no id"),
        (["run", "--weights", "decoder", "--ids", "1 x"], 2, "'x' is no token id"),
        (["run", "--weights", "decoder", "--ids", "9" * 40], 2, "is no token id"),
        (["run", "--weights", "decoder", "--ids", "999"], 1, "id 999 is out of range"),
        (["run", "--weights", "decoder", "--text", "the cat " * 40], 1, "beyond the end of the learned table"),
        (["run", "--weights", "decoder", "--text", "a", "--decoder-ids", "1"], 2, "only an encoder-decoder"),
        (["run", "--weights", "both", "--text", "a", "--decoder-text", "b", "--decoder-ids", "1"], 2, "two texts"),
        (["run", "--weights", "both", "--text", "a", "--decoder-text", ""], 2, "the text is empty"),
        (["run", "--weights", "decoder", "--text", "a", "--trace", "*.patern"], 2, "no value has such a name"),
        (["run", "--weights", "decoder", "--text", "a", "--trace", "*.pattern[head=9]"], 1, "there is no head 9"),
        (["run", "--weights", "decoder", "--text", "a", "--top", "0"], 2, "--top"),
        (["run", "--weights", "decoder", "--text", "a", "--device", "tpu"], 2, "tpu"),
        (["run", "--weights", "bare", "--text", "a"], 4, "no tokenizer.json, so text cannot be read"),
        (["generate", "--weights", "encoder", "--text", "a"], 1, "an encoder cannot generate"),
        (
            ["generate", "--weights", "decoder", "--text", "a", "--max-new-tokens", "49"],
            1,
            "ask for at most 48 new tokens",
        ),
        (["generate", "--weights", "decoder", "--text", "a", "--stop", "nothing"], 1, "no such token"),
        (["generate", "--weights", "decoder", "--text", "a", "--temperature", "-1"], 2, "--temperature"),
        (["generate", "--weights", "decoder", "--text", "a", "--length-penalty", "nan"], 2, "length penalty of nan"),
        (["generate", "--weights", "decoder", "--text", "a", "--temperature", "1", "--top-p", "0"], 1, "top_p is 0"),
        (["generate", "--weights", "decoder", "--text", "a", "--top-k", "5"], 2, "nothing is drawn"),
        (["generate", "--weights", "decoder", "--text", "a", "--length-penalty", "2"], 2, "nothing is scored"),
        (["generate", "--weights", "decoder", "--text", "a", "--beams", "1001"], 2, "--beams"),
        (["tokenize", "--weights", "bare", "a"], 4, "there is no such tokenizer"),
        (["tokenize", "--weights", "words", ""], 2, "the text is empty"),
        (["verify", "--weights", "words"], 1, "the file is missing"),
    ],
)
def test_bad_input(arguments: list[str], code: int, said: str, weights: dict[str, str], studycli: Run) -> None:
    found, out, err = studycli(*(weights.get(word, word) for word in arguments))
    assert (found, out) == (code, "") and said in err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU here")
@pytest.mark.parametrize("command", [["info"], ["run", "--ids", "1"], ["generate", "--ids", "1"], ["verify"]])
def test_a_gpu_that_is_not_there(command: list[str], weights: dict[str, str], studycli: Run) -> None:
    code, out, err = studycli(command[0], "--weights", weights["decoder"], *command[1:], "--device", "cuda", "--json")
    assert (code, out) == (4, "") and "there is no CUDA GPU here" in err

"""A model with its tokenizer: what goes in, and that what comes out is what the model computed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
import torch
from tokenizers import decoders, models

from studycli.engine import Config, Tokenizer, Trace, generate, head_scores
from studycli.engine.accounting import cache_bytes, parameters
from studycli.engine.convert import save_pretrained
from studycli.engine.loaded import Loaded, continuation, costs, forward, load, outline, plain
from studycli.errors import EngineError, MissingError, UsageError
from tests.engine_models import CROSS, ENCODER, PLAIN, build

TEXTS = ["the cat sat on the mat, and the dog sat on the log"] * 3
TOKENIZER = Tokenizer.train(TEXTS, 300, ["<|end|>"])
VOCAB = TOKENIZER.vocab_size + 4  # some ids have no token
DECODER = replace(PLAIN, vocab_size=VOCAB, n_layers=2)
BOTH = replace(CROSS, vocab_size=VOCAB)
HEADED = replace(ENCODER, vocab_size=VOCAB, n_labels=3, pooler=True)


def loaded(config: Config, **given: Any) -> Loaded:
    return Loaded(build(config), **{"tokenizer": TOKENIZER, "where": "here", **given})


@pytest.fixture(scope="module")
def decoder() -> Loaded:
    return loaded(DECODER)


@pytest.fixture(scope="module")
def both() -> Loaded:
    return loaded(BOTH)


def log_probabilities(logits: torch.Tensor) -> np.ndarray:
    x = logits.detach().numpy().astype(np.float64)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def test_a_decoder_tells_each_token_and_what_may_follow(decoder: Loaded) -> None:
    ids = decoder.encode("the cat sat")
    facts = forward(decoder, ids, top=3)
    expected = log_probabilities(decoder.model(torch.tensor([ids]))[0])
    assert facts.keys() == {"architecture", "tokens", "next"} and facts["architecture"] == "decoder"
    assert [(token["id"], token["token"]) for token in facts["tokens"]] == list(
        zip(ids, ["the", " cat", " sat"], strict=True)
    )
    assert facts["tokens"][0]["log_probability"] is None
    own = [token["log_probability"] for token in facts["tokens"][1:]]
    assert own == pytest.approx([expected[0, ids[1]], expected[1, ids[2]]], abs=1e-5)
    best = expected[2].argsort()[::-1][:3]
    assert [token["id"] for token in facts["next"]] == best.tolist()
    assert [token["probability"] for token in facts["next"]] == pytest.approx(np.exp(expected[2][best]), abs=1e-6)


def test_an_encoder_tells_norms_places_and_classes() -> None:
    encoder = loaded(HEADED)
    ids = encoder.encode("the dog")
    facts = forward(encoder, ids, top=2)
    x = torch.tensor([ids])
    hidden = encoder.model(x)[0].detach().numpy()
    assert facts.keys() == {"architecture", "tokens", "hidden", "predictions", "classes"}
    assert facts["hidden"]["shape"] == [len(ids), HEADED.d_model]
    assert [token["norm"] for token in facts["tokens"]] == pytest.approx(np.linalg.norm(hidden, axis=-1), abs=1e-4)
    of_places = np.exp(log_probabilities(encoder.model.mlm_logits(x)[0]))
    for place, predicted in zip(of_places, facts["predictions"], strict=True):
        best = place.argsort()[::-1][:2]
        assert [token["id"] for token in predicted] == best.tolist()
        assert [token["probability"] for token in predicted] == pytest.approx(place[best], abs=1e-6)
    assert facts["classes"] == pytest.approx(np.exp(log_probabilities(encoder.model.classify(x)[0])), abs=1e-6)


def test_an_encoder_without_heads_gives_hidden_states_alone() -> None:
    facts = forward(loaded(replace(HEADED, mlm_head=False, n_labels=0)), [1, 2])
    assert facts.keys() == {"architecture", "tokens", "hidden"}


def test_an_encoder_decoder_writes_from_its_start_token(both: Loaded) -> None:
    facts = forward(both, [5, 6, 7])
    assert [token["id"] for token in facts["tokens"]] == [5, 6, 7]
    assert [token["id"] for token in facts["decoder_tokens"]] == [BOTH.start_id]
    expected = both.model(torch.tensor([[5, 6, 7]]), decoder_input_ids=torch.tensor([[BOTH.start_id]]))[0]
    assert facts["next"][0]["id"] == int(expected[-1].argmax())


def test_an_encoder_decoder_reads_what_it_is_said_to_have_written(both: Loaded) -> None:
    facts = forward(both, [5, 6, 7], decoder_ids=[1, 9])
    expected = log_probabilities(both.model(torch.tensor([[5, 6, 7]]), decoder_input_ids=torch.tensor([[1, 9]]))[0])
    assert [token["log_probability"] for token in facts["decoder_tokens"]] == [None, pytest.approx(expected[0, 9])]
    assert facts["next"][0]["id"] == expected[1].argmax()


def test_no_start_token() -> None:
    with pytest.raises(EngineError, match="no start token"):
        forward(loaded(replace(BOTH, start_id=None)), [5])


def test_a_trace_gives_names_shapes_and_values(decoder: Loaded) -> None:
    ids = [3, 4, 3, 4]
    trace = Trace()
    decoder.model(torch.tensor([ids]), trace=trace)
    facts = forward(decoder, ids, only="decoder.blocks.*.attn.*")
    names = [name for name in trace if ".attn." in name]
    assert [value["name"] for value in facts["trace"]] == names
    for value in facts["trace"]:
        x = trace[value["name"]].detach()
        assert value["shape"] == list(x.shape)
        if not value["name"].endswith("masked"):  # which holds -inf
            assert np.allclose(value["values"], x, atol=1e-6)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_without_every_value_the_first_pattern_alone_has_its(decoder: Loaded) -> None:
    facts = forward(decoder, [3, 4], only="*", every_value=False)
    assert [value["name"] for value in facts["trace"] if "values" in value] == ["decoder.blocks.0.attn.pattern"]


def test_heads_are_scored_for_the_tokens_that_they_read(both: Loaded) -> None:
    ids, written = [3, 4, 3, 4], [1, 9, 9]
    facts = forward(both, ids, decoder_ids=written, only="*.pattern")
    trace = Trace()
    both.model(torch.tensor([ids]), decoder_input_ids=torch.tensor([written]), trace=trace)
    names = [name for name in trace if name.endswith(".pattern") and "cross" not in name]
    assert [scores["name"] for scores in facts["head_scores"]] == names
    for scores in facts["head_scores"]:
        pattern = trace[scores["name"]]
        read = torch.tensor([ids if scores["name"].startswith("encoder.") else written])
        assert scores["heads"] == list(range(BOTH.n_heads))
        for name, expected in head_scores.scores(pattern, read).items():
            assert scores[name] == pytest.approx(expected.tolist(), abs=1e-6)
        assert scores["entropy"] == pytest.approx(head_scores.entropy(pattern).tolist(), abs=1e-6)


def test_a_score_that_nothing_can_be_said_of_is_a_text(decoder: Loaded) -> None:
    (scores,) = forward(decoder, [3, 4], only="*.0.attn.pattern")["head_scores"]
    assert scores["duplicate_token"] == ["nan"] * DECODER.n_heads


def test_one_head_keeps_its_number(decoder: Loaded) -> None:
    facts = forward(decoder, [3, 4, 3], only="*.0.attn.pattern[head=4]")
    assert facts["trace"][0]["shape"] == [1, 1, 3, 3]
    (scores,) = facts["head_scores"]
    assert scores["heads"] == [4] and len(scores["induction"]) == 1


@pytest.mark.parametrize(
    ("config", "only", "hint"),
    [
        (DECODER, "decoder.block.0.attn.patern", "did you mean decoder.blocks.0.attn.pattern or "),
        (DECODER, "decoder.blocks.0.attn.paterns[head=2]", "did you mean decoder.blocks.0.attn.pattern or "),
        (BOTH, "decoder.blocks.0.cross_atn.pattern", "did you mean decoder.blocks.0.cross_attn.pattern or "),
        (HEADED, "zzz", "--trace '*' records all"),
        (DECODER, "", "--trace '*' records all"),
    ],
)
def test_a_glob_that_matches_nothing(config: Config, only: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no value has such a name") as caught:
        forward(loaded(config), [3], only=only)
    assert hint in str(caught.value.hint)


def test_numbers_that_are_not_finite_are_texts() -> None:
    assert plain(torch.tensor([[1.5, math.inf], [-math.inf, math.nan]])) == [[1.5, "inf"], ["-inf", "nan"]]
    assert plain(torch.tensor([1, 2])) == [1, 2]


def test_what_broke_is_told_in_texts_too() -> None:
    broken = loaded(DECODER)
    with torch.no_grad():
        broken.model.W_E[3] = math.nan
    facts = forward(broken, [3, 4], top=1)
    assert facts["tokens"][1]["log_probability"] == "nan" and facts["next"][0]["probability"] == "nan"


def test_text_goes_in_and_comes_back(decoder: Loaded) -> None:
    ids = decoder.encode(" the café")
    assert ids == TOKENIZER.encode(" the café")
    assert decoder.text(ids) == " the café"
    assert decoder.text([*ids, VOCAB - 1, VOCAB - 2, ids[0]]) == " the café\ufffd\ufffd the"
    assert decoder.text([]) == ""


def test_special_tokens_of_the_tokenizer_stand_around_a_text() -> None:
    inner = tokenizers.Tokenizer(models.WordLevel({"[S]": 0, "cat": 1, "[E]": 2}, unk_token="cat"))
    inner.post_processor = tokenizers.processors.TemplateProcessing(
        single="[S] $A [E]", special_tokens=[("[S]", 0), ("[E]", 2)]
    )
    model = loaded(DECODER, tokenizer=Tokenizer(inner))
    assert model.encode("cat") == [0, 1, 2]
    assert model.encode("cat", special=False) == [1]


def _inner(vocabulary: list[str], decoder: Any) -> Tokenizer:
    inner = tokenizers.Tokenizer(models.WordLevel({token: n for n, token in enumerate(vocabulary)}, unk_token="?"))
    inner.decoder = decoder
    return Tokenizer(inner)


@pytest.mark.parametrize(
    ("tokenizer", "pieces"),
    [
        (_inner(["the", "##re"], decoders.WordPiece()), ["the", "##re"]),
        (_inner(["▁the", "re", "▁"], decoders.Metaspace()), ["▁the", "re", "▁"]),
        (_inner(["<0xC3>"], decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])), ["<0xC3>"]),
        (_inner(["Ġthe", "re", "Ã", "\x80Ã"], decoders.ByteLevel()), [" the", "re", "<0xC3>"]),
    ],
)
def test_a_piece_is_spelled_as_in_tokenize(tokenizer: Tokenizer, pieces: list[str]) -> None:
    model = loaded(DECODER, tokenizer=tokenizer)
    assert [model.piece(id_) for id_ in range(len(pieces))] == pieces
    assert model.piece(len(pieces) + 5) is None


def test_bytes_that_are_no_character_are_shown_as_bytes() -> None:
    model = loaded(DECODER, tokenizer=_inner(["ĢÃ"], decoders.ByteLevel()))  # 0x80 0xC3
    assert model.piece(0) == "<0x80><0xC3>"


def test_without_a_tokenizer_ids_still_work() -> None:
    bare = loaded(DECODER, tokenizer=None)
    assert forward(bare, [3])["tokens"] == [{"id": 3, "token": None, "log_probability": None}]
    facts = continuation(bare, [3], ["7"], max_new_tokens=2)
    assert len(facts["ids"]) == 3 and facts["text"] is None and facts["new_text"] is None
    for ask in (lambda: bare.encode("the"), lambda: bare.id_of("the")):
        with pytest.raises(MissingError, match=r"no tokenizer\.json") as caught:
            ask()
        assert "--ids" in str(caught.value.hint)


def test_an_empty_text(decoder: Loaded) -> None:
    with pytest.raises(UsageError, match="the text is empty"):
        decoder.encode("")


def test_a_continuation_is_what_generate_gives(decoder: Loaded) -> None:
    ids = decoder.encode("the cat")
    facts = continuation(decoder, ids, max_new_tokens=8, temperature=1.0, seed=3, top_k=9)
    expected = generate(decoder.model, torch.tensor([ids]), 8, temperature=1.0, seed=3, top_k=9)[0].tolist()
    assert facts["ids"] == expected and facts["new_ids"] == expected[2:]
    assert facts["text"] == "the cat" + facts["new_text"] == decoder.text(expected)
    assert facts["settings"] == {"max_new_tokens": 8, "temperature": 1.0, "seed": 3, "top_k": 9, "stop": []}
    assert facts["tokens_per_second"] > 0


def test_what_is_new_keeps_its_first_space() -> None:
    vocabulary = [f"▁w{n}" for n in range(DECODER.vocab_size)]
    facts = continuation(loaded(DECODER, tokenizer=_inner(vocabulary, decoders.Metaspace())), [1], max_new_tokens=2)
    assert facts["text"].startswith("w1 w") and facts["new_text"].startswith(" w")


def test_an_encoder_decoder_gives_what_it_wrote(both: Loaded) -> None:
    facts = continuation(both, [5, 6, 7], max_new_tokens=4)
    assert facts["ids"] == [BOTH.start_id, *facts["new_ids"]] and len(facts["new_ids"]) == 4


def test_it_stops_after_tokens_ids_or_the_models_own_ends(decoder: Loaded) -> None:
    prompt = decoder.encode("the dog")
    free = continuation(decoder, prompt, max_new_tokens=20, temperature=1.0, seed=0)["new_ids"]
    known = {id_: TOKENIZER.decode([id_]) for id_ in free[2:] if id_ < TOKENIZER.vocab_size}
    end, spelled = next((id_, token) for id_, token in known.items() if token.isascii() and not token.isdecimal())
    cut = free[: free.index(end) + 1]
    options = {"max_new_tokens": 20, "temperature": 1.0, "seed": 0}
    assert continuation(decoder, prompt, [spelled], **options)["new_ids"] == cut
    assert continuation(decoder, prompt, ["0", str(end)], **options)["new_ids"] == cut
    ending = replace(decoder, ends=(end,))
    assert continuation(ending, prompt, **options)["new_ids"] == cut
    facts = continuation(ending, prompt, ["0"], **options)
    assert facts["new_ids"] == free and facts["settings"]["stop"] == [0]


def test_a_stop_that_is_no_token(decoder: Loaded) -> None:
    with pytest.raises(EngineError, match="no such token"):
        continuation(decoder, [3], ["no token at all"])


@pytest.fixture
def folder(tmp_path: Path, decoder: Loaded) -> Path:
    save_pretrained(decoder.model, tmp_path)
    return tmp_path


def test_loading_a_folder(folder: Path, decoder: Loaded) -> None:
    bare = load(str(folder), "cpu")
    assert bare.tokenizer is None and bare.ends == ()
    assert bare.model.W_E.equal(decoder.model.W_E)
    TOKENIZER.save(folder)
    assert load(str(folder), "cpu").encode("the cat") == TOKENIZER.encode("the cat")


@pytest.mark.parametrize(
    ("named", "ends"),
    [
        ("7", (7,)),
        ("[7, 2]", (7, 2)),
        ("null", ()),
        (str(VOCAB), ()),
        ('["x", 3]', (3,)),
        ("{", ()),
    ],
)
def test_the_files_name_what_ends_a_text(named: str, ends: tuple[int, ...], folder: Path) -> None:
    (folder / "generation_config.json").write_text(f'{{"eos_token_id": {named}}}', "utf-8")
    assert load(str(folder), "cpu").ends == ends


def test_outline_reads_the_config_and_what_the_weights_are_made_of(folder: Path) -> None:
    assert outline(str(folder)) == (DECODER, "float32")
    save_pretrained(build(DECODER, dtype=torch.bfloat16), folder)
    assert outline(str(folder)) == (DECODER, "bfloat16")
    (folder / "model.safetensors").unlink()
    (folder / "SHA256SUMS").unlink()
    assert outline(str(folder)) == (DECODER, "float32")


def test_costs_are_those_of_the_accounting() -> None:
    facts = costs(BOTH, "bfloat16", 10)
    total = sum(weights.numel() for weights in build(BOTH).parameters())
    assert facts["parameters"]["parts"] == parameters(BOTH)
    assert facts["parameters"]["total"] == facts["parameters"]["active"] == total
    assert facts["parameters"]["bytes"] == 2 * total
    assert facts["flops"]["tokens"] == 10 and sum(facts["flops"]["parts"].values()) == facts["flops"]["total"]
    assert facts["cache"] == {"tokens": 10, "bytes": cache_bytes(BOTH, 1, 10, 2, 10)}
    assert facts["config"]["d_model"] == BOTH.d_model and facts["dtype"] == "bfloat16"
    mixture = costs(replace(PLAIN, n_experts=4, ffn_bias=False), "float32", 10)["parameters"]
    assert mixture["active"] < mixture["total"]


def test_costs_of_more_tokens_than_there_are_positions() -> None:
    assert costs(PLAIN, "float32")["flops"]["tokens"] == 48
    assert costs(BOTH, "float32")["flops"]["tokens"] == 128
    with pytest.raises(UsageError, match="the model has 48 positions"):
        costs(PLAIN, "float32", 49)


@pytest.mark.parametrize(
    ("named", "labels"),
    [
        ({"0": "low", "1": "normal", "2": "high"}, ("low", "normal", "high")),
        ({"0": "low", "2": "high"}, ()),
        ({"0": "low", "1": 5, "2": "high"}, ()),
        (["low", "normal", "high"], ()),
        (None, ()),
    ],
)
def test_classes_have_names_where_the_settings_name_each(tmp_path: Path, named: Any, labels: tuple[str, ...]) -> None:
    save_pretrained(build(HEADED), tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(settings | ({"id2label": named} if named is not None else {})))
    (tmp_path / "SHA256SUMS").unlink()
    given = load(str(tmp_path), "cpu")
    facts = forward(given, [1, 2])
    assert given.labels == labels and facts.get("labels", []) == list(labels) and len(facts["classes"]) == 3


def test_names_of_classes_are_saved_and_the_config_is_the_same(tmp_path: Path) -> None:
    save_pretrained(build(HEADED), tmp_path, ("a", "b", "c"))
    assert load(str(tmp_path), "cpu").labels == ("a", "b", "c")
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "SHA256SUMS").unlink()
    assert outline(str(tmp_path)) == (HEADED, "float32")


@pytest.mark.parametrize(
    ("config", "read", "wanted", "room"),
    [(DECODER, 3, 50, 46), (DECODER, 48, 50, 1), (DECODER, 60, 50, 0), (DECODER, 3, 5, 5), (BOTH, 3, 50, 50)],
)
def test_what_there_is_room_for(config: Config, read: int, wanted: int, room: int) -> None:
    assert loaded(config).room(read, wanted) == room

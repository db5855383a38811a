import contextlib
import io
import math
import re
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
import torch

from studycli.engine.loaded import Loaded
from studycli.engine.miniatures import sentences, statements, study_corpus, study_lm
from studycli.engine.miniatures.everyday_facts import THINGS
from studycli.engine.miniatures.sentences import Writer, is_held_out, texts
from studycli.engine.miniatures.study_corpus import END_ID, bundled_documents, corpus, encoded, passages, stream
from studycli.engine.miniatures.transformer_facts import BY_NAME, CONCEPTS, RELATIONS
from studycli.engine.model import Transformer
from studycli.engine.seed import generator
from studycli.engine.tokenizer import Tokenizer
from studycli.engine.training import IGNORED, causal_lm_loss
from studycli.errors import EngineError


@pytest.fixture(scope="module")
def small():
    """A corpus with fewer generated texts, and its tokenizer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_corpus, "GENERATED", 300)
        patch.setattr(study_corpus, "GENERATED_HELD_OUT", 40)
        patch.setattr(study_corpus, "MERGES", 600)
        made = corpus(bundled_documents(), 0)
        return made, made.tokenizer()


def untrained(vocab_size):
    return Transformer(replace(study_lm.config(vocab_size), n_layers=2, d_model=24, d_ff=24), seed=0).eval()


# Sentences


def test_a_seed_gives_its_texts_and_another_gives_others():
    assert texts(3, 50) == texts(3, 50)
    assert texts(3, 50) != texts(4, 50)
    assert not set(texts(3, 50)) & set(texts(3, 50, held_out=True))


def test_no_statement_of_a_held_out_text_is_in_a_text_for_training(monkeypatch):
    said = {True: set(), False: set()}
    say = Writer.say

    def recorded(writer, make):
        statement = say(writer, make)
        said[writer.held_out].add(statement)
        return statement

    monkeypatch.setattr(Writer, "say", recorded)
    training = "\n".join(texts(0, 2000))
    texts(0, 400, held_out=True)
    assert min(map(len, said.values())) > 200
    assert not said[True] & said[False]
    assert all(map(is_held_out, said[True])) and not any(map(is_held_out, said[False]))
    long = [statement for statement in said[True] if len(statement.split()) >= 8]
    # A sentence may begin as a shorter one; what is a whole line or sentence is never one in training.
    whole = set(training.split("\n")) | set(re.split(r"(?<=\.) ", training))
    assert len(long) > 100
    assert not whole & set(long)


def test_every_relation_is_between_concepts_and_nothing_is_there_twice():
    assert {end for source, _, target in RELATIONS for end in (source, target)} <= set(BY_NAME)
    assert len(RELATIONS) == len(set(RELATIONS))
    assert len(BY_NAME) == len(CONCEPTS)
    assert len({thing.name for thing in THINGS}) == len(THINGS)


def test_sums_are_right():
    made = [statements.counted(Random(seed)) for seed in range(400)]
    sums = [match for text in made if (match := re.fullmatch(r"(\d+) \+ (\d+) = (\d+)", text))]
    times = [match for text in made if (match := re.fullmatch(r"(\d+) times (\d+) is (\d+)\.", text))]
    assert len(sums) > 20 and len(times) > 20
    assert all(int(a) + int(b) == int(c) for a, b, c in (match.groups() for match in sums))
    assert all(int(a) * int(b) == int(c) for a, b, c in (match.groups() for match in times))


def test_days_and_months_follow_each_other():
    made = {statements.dated(Random(seed)) for seed in range(400)}
    assert "After Sunday comes Monday." in made
    assert "Before January comes December, and after it February." in made
    assert not any(" in Monday" in text or " on April" in text for text in made)


def test_code_prints_what_it_says():
    ran = 0
    for code in {statements.coded(Random(seed)) for seed in range(300)}:
        said = re.search(r"print\(.*\)  # (\d+)$", code)
        if said and "torch" not in code and "pattern" not in code and not code.startswith("for"):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, {})
            assert printed.getvalue().strip() == said[1], code
            ran += 1
    assert ran > 50


def test_shapes_in_code_are_those_that_torch_gives():
    for code in [code for seed in range(80) if "torch.randn" in (code := statements.coded(Random(seed)))]:
        names = {"torch": torch}
        exec(code, names)
        assert f"# {tuple(names['scores'].shape)}" in code


def test_every_form_says_something_in_either_part():
    for held_out in (False, True):
        writer = Writer(Random(1), held_out)
        for form, _ in sentences._FORMS:
            drawn = None
            while drawn is None:
                with contextlib.suppress(sentences._NothingLeftError):
                    drawn = form(writer)
            assert len(drawn) > 8


def test_tables_have_cells_as_wide_as_their_column():
    drawn = [sentences._matrix(Writer(Random(seed), False)).split("\n") for seed in range(30)]
    aligned = [lines for lines in drawn if "|---|" not in lines[1]]
    assert 10 < len(aligned) < 30
    for lines in aligned:
        assert {tuple(match.start() for match in re.finditer(r"\|", line)) for line in lines} == {
            tuple(match.start() for match in re.finditer(r"\|", lines[1]))
        }


def test_a_tree_says_what_the_relations_say():
    for seed in range(20):
        parent = ""
        for line in sentences._tree(Writer(Random(seed), False)).split("\n")[2:-1]:
            name = line.lstrip("│├└─ ")
            if line[0] in "├└":
                parent = name
            else:
                assert (parent, "contains", name) in RELATIONS or (name, "variant-of", parent) in RELATIONS


# Corpus


def test_passages_are_the_whole_text_in_order():
    text = bundled_documents()
    found = passages(text)
    assert "".join(found) == text
    assert len(found) > 40
    assert max(len(passage) for passage in found) < 1300
    assert all(len(passage) >= 200 for passage in found[:-1])


def test_what_is_held_out_is_in_no_text_for_training(small):
    texts, _ = small
    assert 5 <= len(texts.held_out_documents) < len(texts.documents) / 5
    for part, held_out in (
        (texts.documents, texts.held_out_documents),
        (texts.generated, texts.held_out_generated),
    ):
        assert not set(part) & set(held_out)
    everything = "\0".join(texts.documents)
    assert not [passage for passage in texts.held_out_documents if passage in everything]


def test_the_tokenizer_never_sees_what_is_held_out(small, monkeypatch):
    texts, _ = small
    seen = []
    train = Tokenizer.train
    monkeypatch.setattr(Tokenizer, "train", lambda given, *rest: (seen.extend(given), train(seen, *rest))[1])
    assert texts.tokenizer().id_of(study_corpus.END) == END_ID
    assert len(seen) == len(texts.documents) + len(texts.generated)
    assert not set(seen) & {*texts.held_out_documents, *texts.held_out_generated}


def test_too_little_text_is_refused():
    with pytest.raises(EngineError, match="fewer than two passages"):
        corpus("# A heading\n", 0)


def test_batches_are_those_of_the_seed_and_hold_nothing_held_out(small, monkeypatch):
    texts, tokenizer = small
    monkeypatch.setattr(study_lm, "PHASES", (study_lm.Phase(40, 48, 6, 6, 2), study_lm.Phase(2, 64, 2, 1, 1)))
    first, again = (list(study_lm.batches(texts, tokenizer, generator(5, "test"))) for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for a, b in zip(first, again, strict=True) for name in a)
    assert [tuple(batch["input_ids"].shape) for batch in (first[0], first[-1])] == [(14, 48), (4, 64)]
    parts = [stream(encoded(part, tokenizer)).unfold(0, 48, 1) for part in (texts.documents, texts.generated)]
    for batch in first[:40]:
        for at, part in zip((0, 6), parts, strict=True):
            assert all(bool((part == row).all(-1).any()) for row in batch["labels"][at : at + 2])
        assert torch.equal(batch["input_ids"][6:12], batch["labels"][6:12])
        changed = (batch["input_ids"][:6] != batch["labels"][:6]).float().mean()
        assert 0.05 < changed < 0.4


def test_spans_that_come_again_are_labelled_where_they_can_be_known():
    ids, labels = study_corpus.repeated(torch.arange(500), 20, 96, generator(0, "test"))
    for row, label in zip(ids.tolist(), labels.tolist(), strict=True):
        first = next(at for at, wanted in enumerate(label) if wanted != IGNORED)
        assert 12 < first < 50
        for at in range(first, len(row)):
            assert label[at] in (row[at], IGNORED)
            if label[at] != IGNORED:  # what it follows was followed by it before
                assert (row[at - 1], row[at]) in pairwise(row[: first - 1])
        assert 0.6 < sum(wanted != IGNORED for wanted in label[first:]) / (len(row) - first) < 0.95


# Measurements


@pytest.mark.parametrize("length", [0, 1, 100, 254, 255, 256, 300, 1000])
def test_windows_predict_each_token_once_after_at_least_half_a_window(length):
    text = list(range(1, length + 1))
    predicted = []
    for ids, first in study_lm._windows(text):
        assert len(ids) <= study_lm.WINDOW
        assert first >= study_lm.WINDOW // 2 or not predicted
        predicted += ids[first:]
    assert predicted == [*text, END_ID]


def test_the_loss_of_a_model_that_knows_nothing_is_the_log_of_the_vocabulary():
    model = untrained(300)
    torch.nn.init.zeros_(model.W_E)
    with torch.inference_mode():
        assert study_lm.loss(model, [[5, 7, 9], list(range(299))]) == pytest.approx(math.log(300), abs=1e-5)


def test_the_loss_over_padded_rows_is_that_of_each_text_alone():
    model = untrained(300)
    texts = [[5, 7, 9], [8] * 20, [3, 4]]
    with torch.inference_mode():
        alone = [causal_lm_loss(model, torch.tensor([[END_ID, *ids, END_ID]])) for ids in texts]
        mean = sum(float(each.mean) * int(each.tokens) for each in alone) / sum(int(each.tokens) for each in alone)
        assert study_lm.loss(model, texts, rows=2) == pytest.approx(mean, abs=1e-5)


def test_a_text_said_twice():
    assert study_lm.twice([[1, 2, 3, 4], [5, 6], [7, 8, 9]], 3).tolist() == [
        [0, 1, 2, 3, 1, 2, 3],
        [0, 7, 8, 9, 7, 8, 9],
    ]
    assert study_lm.twice([[1]], 3).shape == (0, 7)


def test_an_untrained_model_is_measured_and_passes_no_gate_on_losses(small, monkeypatch):
    texts, tokenizer = small
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: texts)
    loaded = {"study-lm": Loaded(untrained(tokenizer.vocab_size), tokenizer, "study-lm")}
    with torch.inference_mode():
        metrics = {name: value for each in study_lm.RECIPE.measurements for name, value in each.measure(loaded).items()}
    assert {gate.metric for gate in study_lm.RECIPE.gates} <= set(metrics)
    assert all(type(value) is float and math.isfinite(value) for value in metrics.values())
    assert metrics["merges"] == 600
    for part in ("documents", "generated"):
        assert metrics[f"trigram_loss_{part}"] < metrics[f"unigram_loss_{part}"] < metrics[f"validation_loss_{part}"]
        assert metrics[f"{part}_gain_over_trigram"] < 0
    nats = (
        metrics["bits_per_byte_documents"] * math.log(2) * sum(len(text.encode()) for text in texts.held_out_documents)
    )
    tokens = sum(len(ids) + 1 for ids in encoded(texts.held_out_documents, tokenizer))
    assert nats / tokens == pytest.approx(metrics["validation_loss_documents"])
    assert 0 <= metrics["induction_layer"] < 2 and 0 <= metrics["previous_token_head"] < 6


def test_measurements_take_the_documents_that_lie_beside_the_weights(small, tmp_path, monkeypatch):
    texts, tokenizer = small
    taken = []
    monkeypatch.setattr(study_corpus, "corpus", lambda documents, seed: taken.append(documents) or texts)
    (tmp_path / study_lm.SNAPSHOT).write_text("# Another time\n", "utf-8")
    for where in (str(tmp_path), "study-lm"):
        study_lm._parts({"study-lm": Loaded(untrained(300), tokenizer, where)})
    assert taken == ["# Another time\n", bundled_documents()]
    with pytest.raises(EngineError, match="lost its tokenizer"):
        study_lm._parts({"study-lm": Loaded(untrained(300), None, "study-lm")})

"""The `claims` command, run as a learner does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studycli.cli.app import main
from studycli.demos.catalogue import ALL
from studycli.demos.claims.running import Outcome, Runner
from studycli.model.card import Card

Run = Callable[..., tuple[int, str, str]]

HOLDS = "attention-weights(scores=[2, 1, 0], d_k=4) = [0.51, 0.31, 0.19]"
FAILS = "attention-weights(scores=[2, 1, 0], d_k=1) = [0.51, 0.31, 0.19]"
CARD = """
### Card {number} | Easy
**Concept:** Scaled dot-product attention
{claims}
**FRONT (Question):**
What do [red]rows[/red] sum to, in question {number}?

**BACK (Answer):**
1.
"""


def write(path: Path, *claims: str) -> Path:
    cards = [
        CARD.format(number=number, claims=f"**Claims:** {claim}\n" if claim else "")
        for number, claim in enumerate(claims, start=1)
    ]
    path.write_text("\n".join([f"# Flashcards: {path.stem}", *cards]))
    return path


def add(path: Path) -> None:
    """Make a document one of the sources."""
    with pytest.raises(SystemExit) as left:
        main(["add", str(path)])
    assert not left.value.code


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("STUDYCLI_BUNDLED", "false")

    def ran(*arguments: str | Path) -> tuple[int, str, str]:
        for path in arguments:
            if isinstance(path, Path):
                add(path)
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["claims", *map(str, arguments)])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return ran


def test_claims_that_hold(run: Run, tmp_path: Path) -> None:
    code, out, err = run(write(tmp_path / "rows.md", f"rows-sum-to-1; {HOLDS}", "", HOLDS))
    assert code == 0
    assert err.splitlines()[-1] == "3 claims of 2 cards: 3 hold"
    lines = out.splitlines()
    assert lines[0] == "rows · rows"
    assert lines[1] == "card 1: What do [red]rows[/red] sum to, in question 1?"
    assert sum(line.startswith("  holds ") for line in lines) == 3
    assert sum("measured: " in line for line in lines) == 3
    assert "card 2" not in out


def test_json_has_exactly_the_promised_keys(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(write(tmp_path / "rows.md", "", f"rows-sum-to-1; {FAILS}; rows-sum-to-one"), "--json")
    assert code == 3
    claims = json.loads(out)
    assert all(list(claim) == ["name", "statement", "measured", "holds", "card", "deck"] for claim in claims)
    assert [(claim["deck"], claim["card"], claim["holds"]) for claim in claims] == [
        ("rows", 2, True),
        ("rows", 2, False),
        ("rows", 2, False),
    ]
    assert claims[0]["name"] == "rows-sum-to-1"
    assert claims[2]["name"] == claims[2]["statement"] == "rows-sum-to-one"
    assert claims[2]["measured"].startswith("not measured: no demo makes")


def test_what_fails_is_told(run: Run, tmp_path: Path) -> None:
    code, out, err = run(write(tmp_path / "rows.md", f"{FAILS}; rows-sum-to-1", "rows-sum-to-one"))
    assert code == 3
    assert "  FAILS " in out and "  holds " in out and "  ERROR " in out
    *errors, last = err.splitlines()
    assert last == "3 claims of 2 cards: 1 holds, 1 fails, 1 cannot be measured"
    assert any(line.startswith("error: rows:2: 'rows-sum-to-one': no demo makes") for line in errors)
    assert "rows-sum-to-1" in errors[-1]


def test_a_claim_that_cannot_be_measured_is_enough_for_exit_code_3(run: Run, tmp_path: Path) -> None:
    code, _, err = run(write(tmp_path / "rows.md", f"rows-sum-to-one; {HOLDS}"))
    assert code == 3
    assert err.splitlines()[-1] == "2 claims of 1 card: 1 holds, 1 cannot be measured"


def test_an_error_says_the_claim_once(run: Run, tmp_path: Path) -> None:
    code, _, err = run(write(tmp_path / "rows.md", "= 5", "attention-weights(scores=2) = [1]"))
    assert code == 3 and "rows:1: '= 5' calls no quantity" in err
    assert "rows:2: 'attention-weights(scores=2) = [1]': attention-weights: scores is '2', no row" in err


def test_a_claim_that_fails_is_measured_finely_enough_to_mend_it(run: Run, tmp_path: Path) -> None:
    cache = "kv-cache-bytes(n_layers=32, n_kv_heads=32, d_head=128, tokens=4096)"
    code, out, _ = run(write(tmp_path / "rows.md", f"{cache} = 3 GB"), "--json")
    assert (code, json.loads(out)[0]["measured"]) == (3, "2.147 GB")


def test_what_was_measured_before_an_interruption_is_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = Runner.run

    def interrupted(runner: Runner, card: Card) -> Iterator[Outcome]:
        if card.number == 2:
            raise KeyboardInterrupt
        return measured(runner, card)

    monkeypatch.setattr(Runner, "run", interrupted)
    code, out, err = run(write(tmp_path / "rows.md", HOLDS, HOLDS, HOLDS))
    assert code == 130
    assert out.count("holds") == 1
    assert err.splitlines()[-2:] == ["1 claim of 1 card: 1 holds", "stopped after 1 of 3 claims"]


def test_decks_documents_and_cards_can_be_named(run: Run, tmp_path: Path) -> None:
    run(write(tmp_path / "rows.md", HOLDS, FAILS))
    run(write(tmp_path / "columns.md", HOLDS))

    def measured(*names: str | Path) -> list[tuple[str, int]]:
        _, out, _ = run(*names, "--json")
        return [(claim["deck"], claim["card"]) for claim in json.loads(out)]

    assert sorted(measured()) == [("columns", 1), ("rows", 1), ("rows", 2)]
    assert measured("rows") == [("rows", 1), ("rows", 2)]
    assert measured("rows:2") == [("rows", 2)]
    assert measured("rows:2", "rows", "columns:1") == [("rows", 2), ("rows", 1), ("columns", 1)]
    assert measured(tmp_path / "columns.md") == [("columns", 1)]


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no deck 'nowhere'"), ("rows:9", "no card 9"), ("", "")])
def test_a_name_that_nothing_has_is_a_usage_error(run: Run, tmp_path: Path, name: str, message: str) -> None:
    run(write(tmp_path / "rows.md", HOLDS))
    code, out, err = run(name)
    assert (code, out) == (2, "")
    assert message in err and "Traceback" not in err


def test_cards_that_claim_nothing(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "rows.md", "")
    code, out, _ = run(path, "--json")
    assert (code, json.loads(out)) == (0, [])
    code, out, _ = run(path)
    assert code == 0
    assert "studycli claims --list" in out


def test_the_list_names_all_that_can_be_claimed(run: Run) -> None:
    code, out, _ = run("--list")
    assert code == 0
    assert all(f"    {name}\n" in out for demo in ALL for name in demo.claims)
    assert "attention-weights(scores" in out
    code, out, _ = run("--list", "--json")
    listed = json.loads(out)
    assert {demo["demo"] for demo in listed["demos"]} == {demo.name for demo in ALL}
    weights = next(quantity for quantity in listed["quantities"] if quantity["name"] == "attention-weights")
    assert [argument["name"] for argument in weights["arguments"]][:2] == ["scores", "d_k"]


def test_the_list_takes_no_names(run: Run) -> None:
    code, _, err = run("--list", "rows")
    assert code == 2
    assert "hint: " in err


def test_listing_and_decks_without_claims_need_no_torch(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.md", "", "")
    add(path)
    for arguments in (["claims", "--list"], ["claims", str(path)]):
        code = f"""
import sys
from studycli.cli.app import main
try:
    main({arguments!r})
except SystemExit as leaving:
    assert not leaving.code
assert not {{"torch", "numpy"}} & set(sys.modules)
"""
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

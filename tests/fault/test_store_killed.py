"""A review that is killed loses nothing that was graded, and leaves nothing half written."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from studycli.model.card import Card
from studycli.scheduler import sm2
from studycli.store.repository import Repository
from tests.store_cards import document, update

DAY = date(2026, 3, 2)
CARDS = 5

GRADER = """
import itertools, sys
from datetime import UTC, date, datetime, timedelta
from studycli.model.review import Review
from studycli.scheduler import sm2
from studycli.store.repository import Repository

day = date(2026, 3, 2)
with Repository.open(sys.argv[1]) as repository:
    for turn in itertools.count():
        for number in range(int(sys.argv[2])):
            state = repository.card(f"c{number}", day).state
            quality = (turn + number) % 6
            after = sm2.review(state, quality, day)
            given = Review(card_id=f"c{number}", reviewed_at=datetime.now(UTC), study_day=day, quality=quality,
                           before=state, after=after)
            row = repository.record(given)
            print(row.id, flush=True)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "study.db"
    with Repository.open(str(path)) as repository, repository.library() as library:
        library.save_document(document("/x/deck.md"))
        cards = [Card(number=number, front=f"front {number}", back="back") for number in range(CARDS)]
        library.save_cards([update(f"c{card.number}", card.number, card) for card in cards])
    return path


@pytest.mark.parametrize("grades", [1, 7, 23])
def test_kill_9_in_the_middle_of_grading(database: Path, grades: int) -> None:
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(database), str(CARDS)], stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout is not None
    told = [int(grader.stdout.readline()) for _ in range(grades)]
    grader.send_signal(signal.SIGKILL)
    told += [int(line) for line in grader.stdout.read().split("\n")[:-1]]
    grader.stdout.close()
    assert grader.wait() == -signal.SIGKILL
    with Repository.open(str(database)) as repository:
        rows = [row for number in range(CARDS) for row in repository.history(f"c{number}")]
        assert {row.id for row in rows} >= set(told)
        assert len(rows) <= len(told) + 1  # one may have been written but not told
        for number in range(CARDS):
            replayed = sm2.replay(repository.history(f"c{number}"))
            assert repository.card(f"c{number}", DAY).state == replayed


def test_two_processes_at_once(database: Path) -> None:
    graders = [
        subprocess.Popen(
            [sys.executable, "-c", GRADER, str(database), str(CARDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = []
    for grader in graders:
        assert grader.stdout is not None
        told += [line for line in (grader.stdout.readline() for _ in range(20)) if line]
    for grader in graders:
        grader.kill()
        _, errors = grader.communicate()
        # Whoever read a card before the other graded it is refused; anything else would be a fault.
        assert not errors or "graded elsewhere meanwhile" in errors
    with Repository.open(str(database)) as repository:
        rows = [repository.history(f"c{number}") for number in range(CARDS)]
        assert {row.id for history in rows for row in history} >= {int(line) for line in told}
        for number, history in enumerate(rows):
            assert all(before.after == after.before for before, after in pairwise(history))
            if history:
                assert repository.card(f"c{number}", DAY).state == sm2.replay(history)


def test_many_processes_make_one_database(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "study.db")
    code = "import sys; from studycli.store.repository import Repository; Repository.open(sys.argv[1]).close()"
    openers = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(6)]
    assert [opener.wait() for opener in openers] == [0] * 6
    with Repository.open(path) as repository, repository.shelf() as library:
        assert library.sources() == ["bundled"]

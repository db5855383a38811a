"""A database that many threads of one program read at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from studycli.store.repository import Repository

THREADS = 12


def test_no_thread_closes_the_connection_of_another(tmp_path: Path) -> None:
    all_have_one = Barrier(THREADS)
    with Repository.open(str(tmp_path / "study.db")) as repository, ThreadPoolExecutor(THREADS) as threads:

        def read(_: int) -> list[str]:
            with repository.shelf() as library:
                all_have_one.wait(60)
                return list(library.sources())

        read_by_each = list(threads.map(read, range(THREADS)))
    assert len(read_by_each) == THREADS and all(found == read_by_each[0] for found in read_by_each)

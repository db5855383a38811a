"""Two processes on one machine, started by torchrun, do what one does with the whole batch."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from studycli.engine.training import Processes, join
from studycli.engine.training.distributed import share
from studycli.errors import EngineError, MissingError
from tests.unit.engine.training.two_processes import CASES, run

ROOT = Path(__file__).parents[4]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes wrote."""
    folder = tmp_path_factory.mktemp("processes")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"),
            *("--master-addr", "127.0.0.1", "--master-port", str(free_port())),
            *("-m", "tests.unit.engine.training.two_processes", str(folder)),
        ],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert done.stdout == ""
    return folder


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def weights(folder: Path, name: str) -> list[dict[str, Tensor]]:
    return [load_file(folder / f"{name}-{rank}.safetensors") for rank in (0, 1)]


@pytest.mark.parametrize("case", CASES)
def test_losses_and_weights_are_those_of_one_process(results: Path, case: str) -> None:
    model, history = run(case)
    first, second = weights(results, case)
    assert first.keys() == second.keys() and all(first[name].equal(second[name]) for name in first)
    for name, x in model.named_parameters():
        torch.testing.assert_close(
            first[name], x.detach(), atol=1e-5, rtol=1e-5, msg=lambda text, n=name: f"{n}: {text}"
        )
    both = read(results / f"{case}-0.json")
    assert len(both) == len(history) > 0
    for ours, theirs in zip(both, history, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5, rel=1e-5)
    assert read(results / f"{case}-1.json") == []  # only the first process reports


def test_a_checkpoint_of_the_first_process_is_taken_up_by_both(results: Path) -> None:
    for ours, theirs in zip(weights(results, "resumed"), weights(results, "decoder"), strict=True):
        for name, x in theirs.items():
            torch.testing.assert_close(ours[name], x, atol=1e-6, rtol=1e-6)


def test_what_one_process_cannot_do_stops_both(results: Path) -> None:
    for rank in (0, 1):
        not_finite, too_few = read(results / f"refused-{rank}.json")
        assert not_finite.startswith("step 1: the loss is nan")
        assert too_few.startswith("batch: the batch has 1 rows (2 at least")


def test_they_leave_cleanly(results: Path) -> None:
    assert [read(results / f"left-{rank}.json") for rank in (0, 1)] == [[True, 2], [True, 2]]


@pytest.mark.parametrize(("rows", "world"), [(5, 2), (4, 4), (7, 3), (3, 1)])
def test_every_row_is_one_processs(rows: int, world: int) -> None:
    batch = {"input_ids": torch.arange(rows * 2).view(rows, 2), "labels": torch.arange(rows)}
    shares = [share(batch, Processes(rank, world, torch.device("cpu"))) for rank in range(world)]
    for name, x in batch.items():
        assert torch.cat([part[name] for part in shares]).equal(x)
        sizes = [len(part[name]) for part in shares]
        assert min(sizes) > 0 and max(sizes) - min(sizes) <= 1


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_torchrun_a_process_is_alone(alone: pytest.MonkeyPatch) -> None:
    with join("cpu") as processes:
        assert processes == Processes(0, 1, torch.device("cpu")) and processes.first
        assert not torch.distributed.is_initialized()
    alone.setenv("WORLD_SIZE", "1")
    alone.setenv("RANK", "0")
    with join("cpu") as processes:
        assert processes.world == 1 and not torch.distributed.is_initialized()


def test_variables_that_make_no_sense_are_refused(alone: pytest.MonkeyPatch) -> None:
    alone.setenv("WORLD_SIZE", "two")
    with pytest.raises(EngineError, match="WORLD_SIZE is 'two'"), join("cpu"):
        pass
    alone.setenv("WORLD_SIZE", "2")
    with pytest.raises(EngineError, match="processes cannot meet"), join("cpu"):
        pass


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_missed(alone: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingError, match="no CUDA GPU"), join("cuda"):
        pass

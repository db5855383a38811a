"""The figures in docs/models.md are those of the model cards, to the digits that are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from studycli.engine.miniatures import catalogue, model_card

PAGE = (Path(__file__).parents[4] / "docs" / "models.md").read_text("utf-8")
METRICS = {name: dict(model_card.read(name).metrics) for name in catalogue.NAMES}
FACTORS = {"1x": "1x", "1.5x": "1_5x", "2x": "2x", "4x": "4x", "8x": "8x"}
SIZES = {"10 thousand": "10k", "100 thousand": "100k", "1 million": "1m"}


def tables() -> Iterator[list[list[str]]]:
    """The tables of the page, as rows of cells without backticks."""
    for table in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        rows = [[cell.strip().strip("`") for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        yield [rows[0], *rows[2:]]


def stated() -> Iterator[tuple[str, str, str]]:
    """Each figure of the page, the model that it is of, and the name of its metric."""
    for header, *rows in tables():
        for name, *cells in rows:
            for column, cell in zip(header[1:], cells, strict=True):
                yield cell, *metric(header[0], name, column)


def metric(table: str, row: str, column: str) -> tuple[str, str]:
    """The model and the metric of a cell."""
    if table == "extrapolation":
        return table, f"{row}_{FACTORS[column]}"
    if table == "study-lm":
        return table, row if column == "model" else row.replace("validation", column)
    if table in ("retrieval", "cards"):
        kind = {"recall@10": "recall_at_10", "MRR": "mrr"}[row] + ("_reranked" if column == "re-ranked" else "")
        return "retrieval", kind if table == "retrieval" else f"cards_{kind}"
    if table == "vectors":
        kind = {"recall@10": "ivfpq_recall_at_10", "bytes a vector": "ivfpq_bytes_per_vector"}.get(column, "latency")
        return "retrieval", f"{kind}_{SIZES[row]}"
    return table, row


FIGURES = [figure for figure in stated() if not figure[2].startswith("latency")]


@pytest.mark.parametrize(("cell", "model", "name"), FIGURES)
def test_a_figure_is_that_of_the_card(cell: str, model: str, name: str) -> None:
    if cell == "-":  # a learned table ends: there is no loss, and the card says that it fails
        assert name not in METRICS[model] and METRICS[model][name.replace("loss", "fails")] == 1
        return
    decimals = len(cell.partition(".")[2])
    assert float(cell) == pytest.approx(METRICS[model][name], abs=0.51 * 10**-decimals)


def test_every_model_has_its_figures() -> None:
    assert {model for _, model, _ in FIGURES} == set(catalogue.NAMES) and len(FIGURES) > 40

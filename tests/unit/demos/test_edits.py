"""Edits: what a text means, what it sets, and what is said to one that is impossible."""

from __future__ import annotations

import pytest
import torch

from studycli.demos import edits
from studycli.demos.edits import Edits, parse
from studycli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "name", "places", "value"),
    [
        ("z=0", "z", (), 0.0),
        (" pattern [ head = 1 , query=2,key=0 ] = -1.5e2 ", "pattern", (("head", 1), ("query", 2), ("key", 0)), -150.0),
        ("decoder.blocks.0.attn.z[head=3]=0", "decoder.blocks.0.attn.z", (("head", 3),), 0.0),
    ],
)
def test_parse(text: str, name: str, places: tuple, value: float) -> None:
    edit = parse(text)
    assert (edit.name, edit.places, edit.value) == (name, places, value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no edit"),
        ("z", "is no edit"),
        ("z=", "is no edit"),
        ("=0", "is no edit"),
        ("z=zero", "'zero' is no number"),
        ("z[head]=0", "'head' is no place"),
        ("z[head=-1]=0", "is no place"),
        ("z[colour=1]=0", "is no place"),
        ("z[head=1=0", "is no edit"),
        ("z\x00=0", "is no edit"),
        (f"z[head={'9' * 5000}]=0", "'head=9999999999999999999999999999999999…' is no place"),
        ("z[head=1,heat=2]=0", "'heat=2' is no place"),
        ("z=nan", "nan is no finite number"),
        ("z=-inf", "-inf is no finite number"),
        ("z=1e999", "1e999 is no finite number"),
        (f"z={'x' * 5000}", "x…' is no number"),
        ("q" * 5000, "q…' is no edit"),
    ],
)
def test_what_is_no_edit(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert said in caught.value.message and caught.value.hint and len(str(caught.value)) < 250


def test_an_edit_sets_its_place_alone_in_a_copy() -> None:
    x = torch.ones(2, 3, 4, 5)  # (batch, head, query, key)
    edited = parse("pattern[head=1,key=2]=7")(x)
    assert (x == 1).all()
    assert (edited[:, 1, :, 2] == 7).all() and edited.sum() == x.sum() + 6 * 2 * 4


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("z[head=3]=0", (3, 4, 5), "z has no head 3"),
        ("z[head=0]=0", (4, 5), "z has no axis 'head'"),
        ("z[key=5]=0", (4, 5), "z has no key 5"),
    ],
)
def test_a_place_that_is_not_there(text: str, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(text)(torch.zeros(shape))


def test_edits_of_one_value_follow_each_other() -> None:
    trace = Edits([parse("z=1"), parse("z[head=0]=2")]).trace()
    edited = trace.put("z", torch.zeros(2, 1, 1))
    assert edited.flatten().tolist() == [2.0, 1.0]


def test_an_edit_that_met_nothing_is_told_with_the_names_that_come_close() -> None:
    watched = Edits([parse("patern=0")])
    watched.trace().scope("attn").put("pattern", torch.zeros(1))
    watched.trace().put("pattern", torch.zeros(1))
    with pytest.raises(UsageError, match="no value 'patern'") as caught:
        watched.check()
    assert str(caught.value.hint).startswith("did you mean pattern")
    watched = Edits([parse("zzzz=0")])
    watched.trace().put("pattern", torch.zeros(1))
    with pytest.raises(UsageError) as caught:
        watched.check()
    assert caught.value.hint == "it has pattern"
    with pytest.raises(UsageError) as caught:
        Edits([edits.Edit("z", (), 0.0)]).check()
    assert "nothing that can be edited" in str(caught.value.hint)

"""Slots: what is done next, and who hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from studycli.tui.slots import Slots, Superseded


def in_a_loop(body: Callable[[Slots], Any]) -> None:
    async def run() -> None:
        body(Slots())

    asyncio.run(run())


def taken(slots: Slots) -> list[object]:
    """The keys of all jobs that are left, in order."""
    keys = []
    while (job := slots.take()) is not None:
        keys.append(job.key)
        job.finish(None)
    return keys


def test_only_the_newest_of_a_slot_is_done_and_other_slots_keep_their_turn() -> None:
    def body(slots: Slots) -> None:
        first = slots.add("a", "demo")
        other = slots.add("b", "answer")
        last = [slots.add(key, "demo") for key in "cde"][-1]
        assert isinstance(first.exception(), Superseded)
        assert taken(slots) == ["b", "e"]
        assert (other.result(), last.result()) == (None, None)

    in_a_loop(body)


def test_a_job_that_is_taken_is_not_superseded() -> None:
    def body(slots: Slots) -> None:
        running = slots.add("a", "demo")
        job = slots.take()
        assert job is not None
        middle = slots.add("b", "demo")
        last = slots.add("c", "demo")
        job.finish(1)
        assert running.result() == 1
        assert isinstance(middle.exception(), Superseded)
        assert taken(slots) == ["c"]
        assert last.done()

    in_a_loop(body)


@pytest.mark.parametrize("is_taken", [False, True])
def test_the_same_job_is_done_once_for_all_who_ask(is_taken: bool) -> None:
    def body(slots: Slots) -> None:
        first = slots.add("a", "demo")
        job = slots.take() if is_taken else None
        second = slots.add("a", "beside")
        job = job or slots.take()
        assert job is not None
        job.finish(7)
        assert (first.result(), second.result()) == (7, 7)
        assert taken(slots) == []

    in_a_loop(body)


def test_a_job_shared_with_another_slot_outlives_being_superseded_in_one() -> None:
    def body(slots: Slots) -> None:
        shared = slots.add("a", "beside")
        superseded = slots.add("a", "demo")
        slots.supersede("demo")
        assert isinstance(superseded.exception(), Superseded)
        assert taken(slots) == ["a"]
        assert shared.result() is None

    in_a_loop(body)


def test_what_nobody_waits_for_any_more_is_left_out() -> None:
    def body(slots: Slots) -> None:
        slots.add("a", "demo").cancel()
        slots.add("b", "answer")
        assert taken(slots) == ["b"]

    in_a_loop(body)


def test_what_is_ahead_comes_last_and_newer_names_replace_it() -> None:
    def body(slots: Slots) -> None:
        slots.add_ahead(["old"])
        slots.add_ahead(["x", "y", "x", "z"])
        asked = slots.add("y", "demo")
        assert taken(slots) == ["y", "x", "z"]
        assert asked.done()

    in_a_loop(body)


def test_what_is_computed_ahead_is_shared_with_who_asks_for_it() -> None:
    def body(slots: Slots) -> None:
        slots.add_ahead(["x"])
        job = slots.take()
        assert job is not None
        asked = slots.add("x", "demo")
        job.fail(ValueError("no"))
        assert isinstance(asked.exception(), ValueError)
        assert taken(slots) == []

    in_a_loop(body)


def test_cancelling_reaches_everyone() -> None:
    def body(slots: Slots) -> None:
        running, waiting = slots.add("a", "demo"), slots.add("b", "answer")
        assert slots.take() is not None
        slots.add_ahead(["x"])
        slots.cancel()
        assert running.cancelled()
        assert waiting.cancelled()
        assert taken(slots) == []

    in_a_loop(body)

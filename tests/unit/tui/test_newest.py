"""Reading the newest: what is overtaken before its turn is never read, and an error is told."""

from __future__ import annotations

import asyncio
import threading

from textual.app import App

from studycli.errors import StoreError
from studycli.tui.newest import Newest


def test_only_what_runs_and_the_newest_are_read() -> None:
    async def test() -> None:
        app = App[None]()
        async with app.run_test() as pilot:
            newest, may_go, read, shown = Newest(app.screen), threading.Event(), [], []

            def reading(number: int) -> int:
                may_go.wait(30)
                read.append(number)
                return number

            for number in range(5):
                newest.ask(lambda number=number: reading(number), shown.append, lambda error: None)  # type: ignore[misc]
                await asyncio.sleep(0)
                await pilot.pause()
            may_go.set()
            while newest.is_busy:
                await pilot.pause(0.01)
            assert read == shown == [0, 4]

    asyncio.run(test())


def test_an_error_is_told_and_the_next_one_is_read() -> None:
    async def test() -> None:
        app = App[None]()
        async with app.run_test() as pilot:
            newest, shown, failed = Newest(app.screen), list[int](), list[Exception]()

            def refuse() -> int:
                raise StoreError("the database is locked")

            newest.ask(refuse, shown.append, failed.append)
            while newest.is_busy:
                await pilot.pause(0.01)
            newest.ask(lambda: 7, shown.append, failed.append)
            while newest.is_busy:
                await pilot.pause(0.01)
            assert ([type(error) for error in failed], shown) == ([StoreError], [7])

    asyncio.run(test())

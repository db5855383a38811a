"""`studycli serve` in a real browser: headless Chromium, its keys, and what it asks of the network."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serving import DEADLINE, Serving, serving
from tests.stored_grades import grades
from tests.study_documents import write_deck

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytest.importorskip("textual_serve", reason="the extra 'web' is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as driver:
        # As root, in a container, Chromium has no sandbox; nothing but this program's own page is opened.
        sandbox = [] if os.getuid() else ["--no-sandbox"]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu", *sandbox])
        yield started
        started.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serving]:
    deck = write_deck(tmp_path / "short.md", [("Which door?", "The left one."), ("Which key?", "The small one.")])
    with serving(str(deck)) as started:
        yield started


class Watched:
    """A page of the browser, with what it asked for, what was drawn in it, and what went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._drawn = b""
        page.set_default_timeout(DEADLINE * 1000)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._told)
        page.on("websocket", self._watch)
        page.goto(address)

    def _watch(self, socket: object) -> None:
        self.requests.append(socket.url)  # type: ignore[attr-defined]
        socket.on("framereceived", self._draw)  # type: ignore[attr-defined]

    def _told(self, message: ConsoleMessage) -> None:
        # The terminal goes on asking how long a message takes when the connection has ended.
        if message.type == "error" and "WebSocket is already in CLOSING" not in message.text:
            self.errors.append(message.text)

    def _draw(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            self._drawn += frame

    def until(self, text: str) -> None:
        """Wait until this is drawn; what was drawn before does not count again."""
        end = time.monotonic() + DEADLINE
        while text.encode() not in self._drawn:
            assert time.monotonic() < end, f"no {text!r} in {self._drawn!r}"
            self.page.evaluate("new Promise(requestAnimationFrame)")  # lets what was received be heard of
        self._drawn = self._drawn.partition(text.encode())[2]

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)


def test_a_review_in_a_browser(browser: Browser, served: Serving) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    watched = Watched(page, served.address)
    watched.until("Which door?")
    watched.until("shows the answer")
    watched.press("Space")
    watched.until("The left one.")
    watched.until("Good")
    watched.press("3")
    watched.until("Which key?")
    assert grades("short") == {1: [4], 2: []}

    watched.press("q")
    page.wait_for_selector("body.-closed .ended", state="visible")
    watched.until("1 answer on 1 card")
    assert page.inner_text(".ended p") == "The session has ended; every grade is kept."

    watched.press("Enter")  # the button has the focus
    page.wait_for_selector("body.-closed", state="detached")
    watched.until("Which key?")
    watched.until("shows the answer")
    watched.press("Space")
    watched.until("The small one.")
    watched.until("Good")
    watched.press("4")
    watched.until("That was all.")
    assert grades("short") == {1: [4], 2: [5]}

    page.reload()
    page.wait_for_selector("body.-closed .ended", state="visible")
    watched.until("tomorrow")
    assert watched.errors == []
    own = served.address.removeprefix("http://")
    assert {address.split("/")[2] for address in watched.requests if not address.startswith("data:")} == {own}
    page.close()
    assert served.end() == ("", "")


def test_the_page_tells_when_the_server_ends(browser: Browser, served: Serving) -> None:
    page = browser.new_page()
    watched = Watched(page, served.address)
    watched.until("Which door?")
    assert not page.is_visible(".ended")
    assert served.end() == ("", "")
    page.wait_for_selector("body.-closed .ended", state="visible")
    page.close()

"""`studycli serve` without a browser: who may use it, and how it begins and ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studycli.tui import web
from tests.serving import DEADLINE, Serving, descendants, serving, wait_until_gone
from tests.stored_grades import grades
from tests.study_documents import write_deck

aiohttp = pytest.importorskip("aiohttp", reason="the extra 'web' is not installed")

PAGE = Path(web.__file__).parent / "web_page"


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_deck(tmp_path / "short.md", [("Which door?", "The left one."), ("Which key?", "The small one.")])


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all who neither grade nor end it."""
    home = tmp_path_factory.mktemp("standing")
    with serving(str(write_deck(home / "short.md", [("Which door?", "The left one.")])), home=home) as started:
        yield started
        assert started.end() == ("", "")


@pytest.fixture
def served(deck: Path) -> Iterator[Serving]:
    with serving(str(deck)) as started:
        yield started


def test_another_sites_page_may_not_connect(standing: Serving) -> None:
    own = standing.address.removeprefix("http://")
    port = own.rpartition(":")[2]
    assert connect(standing, Origin="http://evil.example") == 403
    assert connect(standing, Origin="http://localhost:1") == 403
    assert connect(standing, Origin="null") == 403
    assert connect(standing, Host=f"evil.example:{port}", Origin=f"http://evil.example:{port}") == 403
    assert connect(standing, Host=f"evil.example:{port}") == 403
    assert connect(standing, Origin=f"http://{own}") == 101
    # As through a tunnel from another machine, where the port may be another.
    assert connect(standing, Host="localhost:9000", Origin="http://localhost:9000") == 101


def test_a_foreign_name_gets_nothing(standing: Serving) -> None:
    for path, status in [("/", 200), ("/page/page.js", 200), ("/static/js/textual.js", 200), ("/download/1", 404)]:
        assert fetch(standing.address + path).status == status
        assert fetch(standing.address + path, Host="evil.example").status == 403
        assert fetch(standing.address + path, Host="127.0.0.1 ;x").status in (400, 403)


def test_the_page_names_no_other_place(standing: Serving) -> None:
    for file in PAGE.iterdir():
        assert "//" not in file.read_text("utf-8").replace("// ", ""), file.name
    policy = fetch(standing.address + "/").headers["Content-Security-Policy"]
    own = standing.address.removeprefix("http://")
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert directives["connect-src"] == f"'self' ws://{own} wss://{own}"
    assert directives["script-src"] == "'self'"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_all_that_it_started_and_says_nothing(served: Serving, number: int) -> None:
    async def watch() -> set[int]:
        async with page(served) as opened:
            await opened.answer("3")
            await opened.until("Which key?")
            started = descendants(served.process.pid)
            served.process.send_signal(number)
            assert "1 answer on 1 card" in await opened.rest()
            return started

    started = asyncio.run(watch())
    assert len(started) >= 1
    assert served.process.communicate(timeout=DEADLINE) == ("", "")
    assert served.process.returncode == 0
    wait_until_gone(started)
    assert grades("short")[1] == [4]


def test_a_killed_server_leaves_no_review_behind(served: Serving) -> None:
    async def watch() -> set[int]:
        async with page(served) as opened:
            await opened.until("new 2")
            await opened.type("?")
            await opened.until("esc goes back")  # from here on it has nothing to draw
            started = descendants(served.process.pid)
            served.process.kill()
            return started

    started = asyncio.run(watch())
    assert started
    wait_until_gone(started)


def test_a_page_that_goes_away_ends_its_review_and_no_other(served: Serving) -> None:
    async def watch() -> None:
        async with page(served) as first:
            await first.until("new 2")  # by now its engine has been started too
            started = descendants(served.process.pid)
            async with page(served) as second:
                await second.until("new 2")  # it has asked by now, and does not know what the first will do
                await first.answer("4")
                await first.until("Which key?")
                await second.answer("4")
                await second.until("elsewhere")
                more = descendants(served.process.pid) - started
                assert more
            await asyncio.to_thread(wait_until_gone, more)
            await first.type("q")
            assert "1 answer on 1 card" in await first.rest()

    asyncio.run(watch())
    assert grades("short") == {1: [5], 2: []}


def test_with_nothing_due_the_page_says_so(deck: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "studycli", "review", "--plain", str(deck)],
        input="4\n4\n", text=True, check=True, capture_output=True,
    )  # fmt: skip
    with serving(str(deck)) as served:
        shown = asyncio.run(all_of(served))
    assert "nothing to review in short" in shown.lower() or "nothing is due" in shown.lower(), shown


@pytest.mark.parametrize(
    ("arguments", "settings", "expected"),
    [(["no-such-deck"], "", "no-such-deck"), ([], 'theme = "mauve"\n', "there is no theme 'mauve'")],
)
def test_what_a_review_refuses_is_on_the_page(home: Path, arguments: list[str], settings: str, expected: str) -> None:
    file = home / "config" / "studycli" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(settings)
    with serving(*arguments) as served:
        shown = asyncio.run(all_of(served))
        assert served.end() == ("", "")
    assert "error: " in shown and expected in shown and "hint: " in shown
    assert "Traceback" not in shown


def test_nonsense_from_a_page_ends_its_review_quietly(standing: Serving) -> None:
    async def talk(nonsense: str) -> None:
        async with page(standing) as opened:
            await opened.socket.send_str(nonsense)
            await opened.rest()

    async def talk_all() -> None:
        wrong = ("{", "5", '["stdin"]', '["stdin", 5]', '["resize", {"width": "x"}]')
        await asyncio.gather(*map(talk, wrong))

    asyncio.run(talk_all())


def test_a_port_in_use_is_named(standing: Serving) -> None:
    port = standing.address.rpartition(":")[2]
    done = run("--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: 127.0.0.1, port {port}: nothing can listen there: ")
    assert "hint: choose another: --port" in done.stderr
    assert done.stdout == ""


def test_a_host_that_there_is_not() -> None:
    for host in ("no such host", "x" * 70, ".."):
        done = run("--port", "0", "--host", host)
        assert (done.returncode, done.stdout) == (2, "")
        assert "nothing can listen there" in done.stderr


def test_other_machines_are_warned_of(deck: Path) -> None:
    with serving("--host", "0.0.0.0", str(deck)) as served:
        port = served.address.rpartition(":")[2]
        assert fetch(f"http://127.0.0.1:{port}/").status == 200
        assert fetch(f"http://127.0.0.1:{port}/", Host=f"evil.example:{port}").status == 403
        out, err = served.end()
    assert out == ""
    assert err.startswith("note: whoever reaches 0.0.0.0 can review as you, without a password")


def test_ipv6(deck: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving("--host", "::1", str(deck)) as served:
        assert served.address.startswith("http://[::1]:")
        assert fetch(served.address + "/").status == 200
        assert connect(served, Origin=served.address) == 101
        assert served.end() == ("", "")


def test_without_the_extra() -> None:
    code = "import sys; sys.modules['textual_serve'] = None; from studycli.cli.app import main; main(['serve'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr == "error: a browser needs textual-serve\n  hint: pip install 'studycli[web]'\n"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("machine.local", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert web.is_loopback(host) is expected


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "studycli", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE)


class Page:
    """A page's connection, and all that was drawn on it."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self._drawn = b""

    async def type(self, keys: str) -> None:
        await self.socket.send_json(["stdin", keys])

    async def answer(self, grade: str) -> None:
        """Look at the answer, and grade the card."""
        await self.until("shows the answer")
        await self.type(" ")
        await self.until("Again")
        await self.type(grade)

    async def until(self, text: str) -> None:
        """Read until this is drawn; what was drawn before does not count again."""
        async with asyncio.timeout(DEADLINE):
            while text.encode() not in self._drawn:
                message = await self.socket.receive()
                assert message.type == aiohttp.WSMsgType.BINARY, f"no {text!r} in {self._drawn!r}"
                self._drawn += message.data
        self._drawn = self._drawn.partition(text.encode())[2]

    async def rest(self) -> str:
        """All that is drawn until the connection ends."""
        async with asyncio.timeout(DEADLINE):
            async for message in self.socket:
                self._drawn += message.data
        return self._drawn.decode()


class page:  # noqa: N801
    """A page that is open for as long as the body runs."""

    def __init__(self, served: Serving) -> None:
        self._address = served.address

    async def __aenter__(self) -> Page:
        self._client = aiohttp.ClientSession()
        self._socket = await self._client.ws_connect(
            f"{self._address}/ws?width=80&height=24", headers={"Origin": self._address}
        )
        return Page(self._socket)

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._client.close()


async def all_of(served: Serving) -> str:
    async with page(served) as opened:
        return await opened.rest()


def connect(served: Serving, **headers: str) -> int:
    """The status that a connection with these headers gets."""

    async def tried() -> int:
        async with aiohttp.ClientSession() as client:
            try:
                async with client.ws_connect(served.address + "/ws", headers=headers):
                    return 101
            except aiohttp.WSServerHandshakeError as error:
                return int(error.status)

    return asyncio.run(tried())


def fetch(url: str, **headers: str) -> Any:
    async def fetched() -> Any:
        async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as response:
            await response.read()
            return response

    return asyncio.run(fetched())

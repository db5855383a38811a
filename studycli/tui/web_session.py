"""Web session: the workspace behind one page, from its start to the words that it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from studycli.render.safe import clean

PATIENCE = 5.0
"""So many seconds a workspace may take to end before it is killed."""

_FIRST_LINE = b"__GANGLION__\n"
_ORDINARY_SCREEN = "\x1b[?1049l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?25l\x1b[0m\x1b[2J\x1b[H"


class WebSession(AppService):
    """A process of its own. What it prints after its last screen, or in the place of one, is shown on the page."""

    def __init__(
        self, command: Sequence[str], websocket: web.WebSocketResponse, download_manager: DownloadManager
    ) -> None:
        super().__init__(
            shlex.join(command),
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=download_manager,
        )
        self._words = command
        self._websocket = websocket
        self._has_left = False

    async def stop(self) -> None:
        """End the workspace, and wait until it is gone."""
        process, relay = self._process, self._task
        if process is None or relay is None:
            return
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        await self.send_meta({"type": "quit"})
        done, _ = await asyncio.wait({relay}, timeout=PATIENCE)
        if not done:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.wait({relay})

    async def run(self) -> None:
        """Hand on what the workspace draws, then what it says, and close the connection."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(process.stderr.read())
        said = b""
        while (line := await process.stdout.readline()) not in (b"", _FIRST_LINE):
            said += line
        if line:
            await self._hand_on(process.stdout)
        said += await process.stdout.read() + await errors
        await process.wait()
        text = clean(said.decode("utf-8", "replace")).strip("\n").replace("\n", "\r\n")
        await self.on_data(f"{_ORDINARY_SCREEN}{text}".encode())
        with contextlib.suppress(ConnectionError):
            await self._websocket.close()

    async def on_data(self, payload: bytes) -> None:
        """Send it to the page, if that is still there; the workspace must be read to its end in any case."""
        with contextlib.suppress(ConnectionError):
            await super().on_data(payload)

    async def on_meta(self, data: bytes) -> None:
        """Do what the workspace asks of the page, if that is still there."""
        with contextlib.suppress(ConnectionError):
            await super().on_meta(data)

    async def _hand_on(self, stream: asyncio.StreamReader) -> None:
        """Packets: a letter for the kind, four bytes for the length, and so many bytes."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            while not self._has_left:
                kind = await stream.readexactly(1)
                payload = await stream.readexactly(int.from_bytes(await stream.readexactly(4), "big"))
                if kind == b"D":
                    await self.on_data(payload)
                elif kind == b"M":
                    await self.on_meta(payload)
                elif kind == b"P":
                    await self.on_packed(payload)

    async def _close(self) -> None:
        """The workspace has drawn its last screen; what comes now is text."""
        self._has_left = True

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start it in a session of its own, so that Ctrl-C reaches the server alone, which ends it in order."""
        environment = self._build_environment(width, height)
        environment["TEXTUAL_DRIVER"] = "studycli.tui.web_driver:PageDriver"
        self._process = await asyncio.create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
        )
        self._stdin = self._process.stdin
        return self._process

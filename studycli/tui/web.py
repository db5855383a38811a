"""The workspace in a browser: a server for its page and for the connections of that page, and for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from textual_serve.download_manager import DownloadManager

from studycli.errors import UsageError
from studycli.tui.web_session import WebSession

_PAGE = Path(__file__).parent / "web_page"
_TERMINAL = Path(textual_serve.__file__).parent / "static"
_HOST = re.compile(r"(?P<name>[\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?", re.ASCII)
_LARGEST = 500
"""Columns and rows of a terminal: no page is wider or higher than that."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server on this host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class WorkspaceServer:
    """Runs one workspace for each page that is open.

    A page of another site may not use it. A browser says in `Origin` which page asks, and that has to be this server's
    own. A site could still let its own name point to this machine, and be its own page; so the name in `Host` has to be
    an address, which nobody can point elsewhere, or a name of this machine.
    """

    def __init__(self, command: Sequence[str], host: str, port: int) -> None:
        """`command` is what runs the workspace; port 0 takes a free one."""
        self._command = command
        self._host = host.strip("[]")
        self._port = port
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local", self._host.lower()}
        self._downloads = DownloadManager()
        self._sessions: set[WebSession] = set()

    def run(self, say: Callable[[str], None]) -> None:
        """Serve until Ctrl-C or a signal ends it, and end what runs in the pages; `say` gets the page's address.

        Raises UsageError where nothing can listen on this host and port.
        """
        asyncio.run(self._serve(say))

    async def _serve(self, say: Callable[[str], None]) -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._host, self._port)
            await self._listen(site)
            say(self._address(runner.addresses[0][1]))
            await stopped.wait()
            await site.stop()
        finally:
            await asyncio.gather(*(session.stop() for session in self._sessions))
            await runner.cleanup()

    async def _listen(self, site: web.TCPSite) -> None:
        try:
            await site.start()
        except (OSError, UnicodeError) as error:  # a host that is no name is not even looked up
            where = f"{self._host}, port {self._port}"
            reason = "there is no such host" if isinstance(error, socket.gaierror | UnicodeError) else _reason(error)
            hint = f"choose another: --port {self._port % 65_535 + 1}, or --port 0 for any that is free"
            if isinstance(error, socket.gaierror | UnicodeError):
                hint = "--host takes a name or an address of this machine"
            raise UsageError(f"nothing can listen there: {reason}", where=where, hint=hint) from error

    def _address(self, port: int) -> str:
        return f"http://[{self._host}]:{port}" if ":" in self._host else f"http://{self._host}:{port}"

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/ws", self._connection),
                web.get("/download/{key}", self._download),
                web.static("/page", _PAGE),
                web.static("/static", _TERMINAL),
            ]
        )
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer only who knows this machine by one of its own names."""
        found = _HOST.fullmatch(request.host)
        if found is None or not self._is_ours(found["name"].strip("[]").lower()):
            raise web.HTTPForbidden(text="this name does not belong to the workspace")
        return await handler(request)

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        with contextlib.suppress(ValueError):
            return bool(ipaddress.ip_address(name))
        return False

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """The page. It may load nothing from elsewhere, and no other page may show it inside itself."""
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
            f"img-src 'self' data:; connect-src 'self' ws://{request.host} wss://{request.host}; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}
        return web.FileResponse(_PAGE / "index.html", headers=headers)

    async def _connection(self, request: web.Request) -> web.StreamResponse:
        """A page's connection to a workspace of its own, which ends with it."""
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
            raise web.HTTPForbidden(text="this page may not use the workspace")
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        session = WebSession(self._command, websocket, self._downloads)
        self._sessions.add(session)
        try:
            await session.start(_size(request, "width", 80), _size(request, "height", 24))
            await _relay(websocket, session)
        finally:
            await asyncio.shield(session.stop())
            self._sessions.discard(session)
        return websocket

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file that a workspace gives away, such as a picture of its screen."""
        key = request.match_info["key"]
        try:
            file = await self._downloads.get_download_metadata(key)
        except KeyError:
            raise web.HTTPNotFound(text="there is no such file") from None
        response = web.StreamResponse()
        response.content_type = file.mime_type
        name = re.sub(r"[^\w.-]", "_", file.file_name, flags=re.ASCII)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response


async def _relay(websocket: web.WebSocketResponse, session: WebSession) -> None:
    """Hand on what the page sends, until one of the two ends; what the page never sends ends it too."""
    async for message in websocket:
        if message.type != WSMsgType.TEXT:
            continue
        try:
            kind, data = (*message.json(), None)[:2]
            if kind == "stdin":
                await session.send_bytes(data.encode())
            elif kind == "resize":
                await session.set_terminal_size(_within(int(data["width"])), _within(int(data["height"])))
            elif kind == "ping":
                await websocket.send_json(["pong", data])
            elif kind == "blur":
                await session.blur()
            elif kind == "focus":
                await session.focus()
        except (ValueError, TypeError, AttributeError, LookupError, ConnectionError):
            return


def _size(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return _within(int(text)) if text.isdecimal() else usual


def _within(size: int) -> int:
    return min(max(size, 1), _LARGEST)


def _reason(error: OSError) -> str:
    """The reason without the address, which Python puts into it."""
    return (error.strerror or str(error)).rpartition(": ")[2]

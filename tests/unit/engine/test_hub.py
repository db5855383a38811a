"""Where weights are found: folders, names, and a hub that answers, refuses or isn't there, by its real client."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studycli.engine.hub import resolve
from studycli.errors import EngineError, UsageError

COMMIT = "a" * 40
FILES = {
    "config.json": b"{}",
    "generation_config.json": b"{}",
    "tokenizer.json": b"{}",
    "model-00001-of-00001.safetensors": b"weights",
    "model.safetensors.index.json": b"{}",
    "pytorch_model.bin": b"a pickle",
    "flax_model.msgpack": b"another format",
    "README.md": b"words",
    "onnx/model.safetensors": b"in a subfolder",
}
TRY = """
import sys
from studycli.engine.hub import resolve
from studycli.errors import StudyError
try:
    folder = resolve(sys.argv[1], *(sys.argv[2:] and [sys.argv[2:]]))
    print(*sorted(str(file.relative_to(folder)) for file in folder.rglob("*")))
except StudyError as error:
    print(error.exit_code, error)
assert "torch" not in sys.modules
"""


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as fetching needs: what it knows are the files of owner/tiny."""

    def do_GET(self) -> None:
        name = "/".join(self.path.removeprefix("/api/models/").strip("/").split("/")[:2])
        if name == "owner/gated":
            self.answer(403, headers={"X-Error-Code": "GatedRepo"})
        elif name == "owner/refused":
            self.answer(401)
        elif name == "owner/broken":
            self.answer(500)
        elif name != "owner/tiny":
            self.answer(404, headers={"X-Error-Code": "RepoNotFound"})
        elif self.path.startswith("/api/models/owner/tiny/revision/"):
            about = {"id": name, "sha": COMMIT, "siblings": [{"rfilename": file} for file in FILES]}
            self.answer(200, json.dumps(about).encode())
        elif "/tree/" in self.path:
            tree = [{"type": "file", "path": file, "size": len(x), "oid": _tag(x)} for file, x in FILES.items()]
            self.answer(200, json.dumps(tree).encode())
        else:
            x = FILES[self.path.partition(f"/resolve/{COMMIT}/")[2]]
            self.answer(200, x, {"ETag": f'"{_tag(x)}"', "X-Repo-Commit": COMMIT})

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


def _tag(x: bytes) -> str:
    return hashlib.sha1(x).hexdigest()


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    """The address of a hub on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def ask(tmp_path: Path):
    """Resolve in an interpreter of its own, which reads the hub's settings when it starts, with a cache of the test."""

    def run(*arguments: str, code: str = TRY, **settings: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
        env = {**kept, "HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_TELEMETRY": "1", **settings}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()

    return run


def test_a_name_is_fetched_without_pickles_and_without_subfolders(hub: str, ask) -> None:
    expected = "config.json generation_config.json model-00001-of-00001.safetensors model.safetensors.index.json"
    assert ask("owner/tiny", HF_ENDPOINT=hub) == f"{expected} tokenizer.json"


def test_what_was_fetched_is_there_offline(hub: str, ask) -> None:
    fetched = ask("owner/tiny", HF_ENDPOINT=hub)
    assert ask("owner/tiny", HF_HUB_OFFLINE="1") == fetched
    assert ask("owner/tiny", HF_ENDPOINT="http://127.0.0.1:9") == fetched


def test_only_the_files_that_are_wanted_are_fetched(hub: str, ask) -> None:
    assert ask("owner/tiny", "tokenizer.json", HF_ENDPOINT=hub) == "tokenizer.json"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("owner/gated", "4 owner/gated: the owner gives this model only to those who asked"),
        ("owner/unknown", "1 owner/unknown: the Hugging Face hub has no such model"),
        ("owner/refused", "1 owner/refused: the model cannot be fetched: Client error '401 Unauthorized'"),
        ("owner/broken", "4 owner/broken: the model was not fetched before, and the Hugging Face hub gives no answer"),
    ],
)
def test_a_hub_that_refuses(name: str, said: str, hub: str, ask) -> None:
    assert ask(name, HF_ENDPOINT=hub).startswith(said)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "and HF_HUB_OFFLINE forbids it (unset HF_HUB_OFFLINE"),
        (
            {"HF_ENDPOINT": "http://127.0.0.1:9"},
            "and the Hugging Face hub gives no answer (try again",
        ),
    ],
)
@pytest.mark.parametrize("name", ["gpt2", "owner/tiny"])
def test_without_a_connection(settings: dict[str, str], said: str, name: str, ask) -> None:
    assert ask(name, **settings).startswith(f"4 {name}: the model was not fetched before, {said}")


def test_an_address_that_is_none(ask) -> None:
    assert ask("gpt2", HF_ENDPOINT="nonsense").startswith("1 gpt2: the model cannot be fetched: ")


@pytest.mark.parametrize("name", ["a b", "owner/na..me", "x" * 5000])
def test_what_is_no_name_of_a_model(name: str, ask) -> None:
    assert ask(name, HF_HUB_OFFLINE="1").startswith(f"1 {name}: this is no folder here, and no name of a model either")


def test_without_huggingface_hub(ask) -> None:
    code = f"import sys; sys.modules['huggingface_hub'] = None\n{TRY}"
    said = ask("gpt2", code=code)
    assert said.startswith("4 gpt2: no such folder is here, and models by name need huggingface_hub")
    assert "pip install 'studycli[hub]'" in said


def test_a_folder_is_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    (home / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve(str(tmp_path)) == tmp_path
    assert resolve("owner/name") == Path("owner/name")
    assert resolve("./owner") == Path("owner")
    assert resolve("~/mine") == home / "mine"


@pytest.mark.parametrize("path", ["./gpt2", "../gpt2", "/no/such", "~/gpt2", "~nobody-of-this-name/x", "a/b/c", "a/"])
def test_a_path_that_is_not_there_is_no_name(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngineError, match="there is no such folder") as caught:
        resolve(path)
    assert caught.value.where == path and "owner/name" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name(name: str) -> None:
    with pytest.raises(UsageError, match="is empty"):
        resolve(name)

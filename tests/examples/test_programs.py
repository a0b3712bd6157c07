"""The scripts and programs in the documents do what the documents say, exactly as written.

A block that no test knows how to run fails; blocks for the browser are run in tests/browser/test_snippets.py.
"""

import datetime
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.examples.blocks import DOCUMENTED_URL, IN_THE_BROWSER, SCRIPT, Block, blocks, name
from tests.examples.terminal import WAIT_S, Running
from tests.server import Server, Visitor, environment, running, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("examples") / "data") as server:
        yield server


@pytest.mark.parametrize("block", [block for block in blocks("sh") if SCRIPT.match(block.code)], ids=name)
def test_a_shell_script_in_a_document_runs(block: Block, server: Server, tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.code.replace(DOCUMENTED_URL, server.url)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=WAIT_S,
        check=True,
    )
    said, sent, history = map(json.loads, ended.stdout.splitlines())
    assert (said["chat"], sent["chat"]) == ("안녕하세요", "반가워요")
    assert {**history, "chats": history["chats"][-2:]} == {"chats": [said, sent], "more": False}


@pytest.mark.parametrize("block", blocks("json"), ids=name)
def test_a_record_in_a_document_has_the_real_fields(block: Block, server: Server) -> None:
    visitor = server.visitor()
    status, sent = visitor.json(
        "POST",
        f"/room/{visitor.room()}/gif",
        json={"name": "hello.gif", "chat": "반가워요"},
    )
    assert status == 200
    shown = json.loads(block.code)
    shape = {key: re.sub(r"[0-9a-f]", "0", str(value)) for key, value in shown.items()}
    assert shape.keys() == sent.keys()
    assert {key: type(value) for key, value in shown.items()} == {key: type(value) for key, value in sent.items()}
    for key in ("_id", "room", "user", "gif", "poster", "createdAt"):
        assert re.sub(r"[0-9a-f]", "0", str(sent[key])) == shape[key]
    at = datetime.datetime.fromisoformat(shown["createdAt"])
    assert shown["_id"] == f"{int(at.timestamp()):08x}{shown['seq']:016x}"


class Place:
    """A reader's folder with the programs from the documents."""

    def __init__(self, folder: Path, node: str) -> None:
        self.folder = folder
        self._node = node
        for block in blocks():
            if block.program:
                (folder / block.program).write_text(block.code, encoding="utf-8")
        # As `npm install` would have put it there. Nothing writes into it.
        (folder / "node_modules").symlink_to(ROOT / "node_modules")

    def start(self, program: str, *arguments: str) -> Running:
        interpreter = sys.executable if program.endswith(".py") else self._node
        return Running([interpreter, program, *arguments], self.folder)


@pytest.fixture
def place(tmp_path: Path, node: str) -> Place:
    folder = tmp_path / "somewhere"
    folder.mkdir()
    return Place(folder, node)


def said_in(room: str, visitor: Visitor) -> list[dict[str, object]]:
    """Return the records of a room."""
    status, body = visitor.json("GET", f"/room/{room}/chats")
    records = body["chats"]
    assert status == 200 and isinstance(records, list)
    return records


def test_send_py_sends_images(server: Server, place: Place) -> None:
    visitor = server.visitor()
    room = visitor.room("사진")
    shutil.copy(ROOT / "static" / "shelf" / "hello.gif", place.folder / "cat.gif")
    (place.folder / "notes.txt").write_text("no picture")
    # More than is allowed at once: it waits as the server tells it to.
    with place.start("send.py", f"{server.url}/room/{room}", *["cat.gif"] * 11, "notes.txt") as sending:
        lines = sending.end()
    records = said_in(room, visitor)
    assert lines[:-1] == [f"cat.gif {record['gif']}" for record in records]
    assert [record["chat"] for record in records] == ["cat"] * 11
    assert lines[-1] == "notes.txt GIF, WebP, PNG, JPEG 이미지만 보낼 수 있습니다."


def test_client_mjs_and_client_py_chat_and_survive_a_restart(tmp_path: Path, place: Place) -> None:
    """Each shows the history and new messages, sends typed lines, and continues after a restart of the server."""
    with ExitStack() as stack:
        server = stack.enter_context(running(tmp_path / "data"))
        visitor = server.visitor()
        room = visitor.room("터미널", password="열쇠")
        visitor.post(f"/room/{room}/chat", {"chat": "먼저 한 말"})

        def client(program: str, password: str) -> Running:
            return stack.enter_context(place.start(program, f"{server.url}/room/{room}", password))

        turned_away = [client("client.mjs", "아님"), client("client.py", "아님")]
        first = client("client.mjs", "열쇠")
        assert re.fullmatch(r"#[0-9a-f]{6} 먼저 한 말", said := first.line())
        host = re.fullmatch(r"system (#[0-9a-f]{6})님이 입장하셨습니다\.", entered := first.line())
        assert host
        second = client("client.py", "열쇠")
        assert [second.line(), second.line()] == [said, entered]
        guest = re.fullmatch(r"system (#[0-9a-f]{6})님이 입장하셨습니다\.", second.line())
        assert guest
        assert first.line() == guest[0]

        for typing, user, text in ((first, host[1], "노드에서"), (second, guest[1], "파이썬에서")):
            typing.type(text)
            assert [first.line(), second.line()] == [f"{user} {text}"] * 2
        for program in turned_away:
            assert program.line() == "비밀번호가 틀렸습니다."
            assert program.process.wait(WAIT_S) == 1

        # Both reconnect, and lines typed meanwhile are posted once.
        server.stop()
        first.type("서버가 없을 때 노드에서")
        second.type("서버가 없을 때 파이썬에서")
        again = start(server.data, port=server.port)
        stack.callback(again.stop)
        late = {f"{host[1]} 서버가 없을 때 노드에서", f"{guest[1]} 서버가 없을 때 파이썬에서"}
        assert {first.line(), first.line()} == late
        assert {second.line(), second.line()} == late
        assert first.end() == []
        assert second.line() == f"system {host[1]}님이 퇴장하셨습니다."
        assert second.end() == []


def test_every_block_is_run() -> None:
    # Those for the browser: tests/browser/test_snippets.py. Those of the shell: here and test_commands.py. The
    # configuration of nginx: tests/test_proxy.py. The log: tests/test_redaction.py.
    programs = [block.program for block in blocks() if block.program]
    assert sorted(programs) == ["client.mjs", "client.py", "send.py"]
    for block in blocks():
        in_the_browser = block.language == "js" and block.code.startswith(IN_THE_BROWSER)
        assert block.language in ("sh", "json", "nginx", "log") or block.program or in_the_browser, name(block)

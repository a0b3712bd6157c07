"""Private names of a library may change in any version, so the product uses only those listed here.

Where a library has no public equivalent, the code says so beside the use, `requirements.in` bounds the version, and a
test here checks what the name must mean.
"""

import ast
import asyncio
import functools
import importlib
import inspect
import socket
import textwrap
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue

import aiosqlite
import pytest
from packaging.requirements import Requirement
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, stream_request_body

from realtime.deferred import Deferred
from tests.conftest import ROOT
from tests.test_imports import SOURCES

USED = {
    ("db.connection", "_tx"),
    ("handlers.base", "_body_future"),
    ("handlers.connections", "_read_buffer_size"),
    ("handlers.connections", "_total_write_done_index"),
    ("handlers.connections", "_total_write_index"),
    ("handlers.lessons.base", "_headers"),
    ("handlers.listening", "_read_buffer_size"),
    ("handlers.listening", "_read_regex"),
    ("handlers.websocket", "_read_buffer_size"),
}
LIBRARIES = ("aiosqlite", "tornado")  # whose private names are listed
DOCUMENTED = {
    "_asdict",
    "_exit",
    "_fields",
    "_replace",
}  # public all the same: os._exit, and those of named tuples
LOOKS_UP = {"delattr", "getattr", "hasattr", "setattr"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_" and name not in DOCUMENTED


def defined(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that `tree` defines: functions, classes, variables and attributes of `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            name = node.attr
        else:
            continue
        if is_private(name):
            yield name


def used(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the private names that `tree` reads or imports, each with whether it belongs to `self`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found, own = [node.attr], is_own(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found = [part for alias in node.names for part in alias.name.split(".")]
            found += (getattr(node, "module", None) or "").split(".")
            own = False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOKS_UP:
            found = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            own = is_own(node.args[0])
        else:
            continue
        yield from ((name, own) for name in found if is_private(name))


def is_own(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}
OURS = {name for tree in TREES.values() for name in defined(tree)}


def of_libraries(tree: ast.AST, ours: set[str]) -> set[str]:
    return {name for name, own in used(tree) if not (own and name in ours)}


@functools.cache
def defined_above(kind: type) -> set[str]:
    """Return the private names of a library's class and of its instances."""
    try:
        names = set(defined(ast.parse(textwrap.dedent(inspect.getsource(kind)))))
    except (OSError, TypeError):  # written in C
        names = set()
    return names | set(vars(kind))


def taken(body: ast.ClassDef, kind: type) -> set[str]:
    """Return the private names that our class `body` defines although a library's base class has them."""
    ours = {module.partition(".")[0] for module in SOURCES}
    above = [base for base in kind.__mro__[1:] if base.__module__.partition(".")[0] not in ours]
    return {name for name in defined(body) for base in above if name in defined_above(base)}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("self._connection._tx.put(1)", {"_tx"}),
        ("self._own = self._own", set()),
        ("self._theirs", {"_theirs"}),
        ("stream._own", {"_own"}),
        ("hasattr(self, '_theirs')", {"_theirs"}),
        ("from tornado.web import _Handler", {"_Handler"}),
        ("import tornado._locale_data", {"_locale_data"}),
        ("os._exit(0), row._replace(a=1), __name__, _own", set()),
    ],
)
def test_private_names_of_libraries_are_found(source: str, found: set[str]) -> None:
    assert of_libraries(ast.parse(source), {"_own", "_connection"}) == found


def test_private_names_of_a_base_class_are_found() -> None:
    source = """
        class Handler(RequestHandler):
            def _ours(self): self._auto_finish = False
            def _check_cross_origin(self, check): self._mine = check
    """
    (body,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(body, ast.ClassDef)
    assert taken(body, type("Handler", (RequestHandler,), {})) == {"_auto_finish", "_check_cross_origin"}


def test_no_unlisted_private_name_is_used() -> None:
    assert {(module, name) for module, tree in TREES.items() for name in of_libraries(tree, OURS)} == USED


def test_no_private_name_of_a_base_class_is_redefined() -> None:
    found = {
        (module, body.name, name)
        for module, tree in TREES.items()
        for body in tree.body
        if isinstance(body, ast.ClassDef)
        for name in taken(body, getattr(importlib.import_module(module), body.name))
    }
    assert found == set()


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_whose_private_names_are_used_has_an_upper_bound(library: str) -> None:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    (specifier,) = (requirement.specifier for requirement in wanted if requirement.name == library)
    assert [one for one in specifier if one.operator == "<"], f"{library} has no upper bound"
    assert version(library) in specifier
    assert f"\n{library}=={version(library)} " in (ROOT / "requirements.txt").read_text(encoding="utf-8")


# --- what the names mean


class Reply(Deferred[object]):
    """What `db.connection` puts into aiosqlite's queue in place of a future."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop = loop

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self.loop


def fail() -> object:
    raise KeyError


async def test_aiosqlites_queue_takes_a_future_and_a_function(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "any.db") as connection:
        assert isinstance(connection._tx, SimpleQueue)
        replies = [Reply(asyncio.get_running_loop()) for _ in range(2)]
        for reply, work in zip(replies, (lambda: 7, fail), strict=True):
            connection._tx.put_nowait((reply, work))  # type: ignore[arg-type]  # it has a future's methods
        assert await replies[0] == 7
        with pytest.raises(KeyError):
            await replies[1]


async def test_tornado_keeps_the_size_of_its_read_buffer() -> None:
    ours, theirs = socket.socketpair()
    stream = IOStream(ours)
    try:
        theirs.sendall(b"the head\nmore")
        await stream.read_until(b"\n")
        assert stream._read_buffer_size == len(b"more")
        assert await stream.read_bytes(99, partial=True) == b"more"
        assert stream._read_buffer_size == 0
    finally:
        stream.close()
        theirs.close()


async def test_tornado_keeps_what_it_reads_until_only_while_it_does() -> None:
    ours, theirs = socket.socketpair()
    stream = IOStream(ours)
    try:
        line = stream.read_until_regex(b"\n")
        assert stream._read_regex is not None
        theirs.sendall(b"end\n")
        await line
        assert stream._read_regex is None
        piece = stream.read_bytes(4)
        assert stream._read_regex is None
        theirs.sendall(b"more")
        await piece
    finally:
        stream.close()
        theirs.close()


async def test_tornado_counts_what_was_written_and_what_the_socket_accepted() -> None:
    ours, theirs = socket.socketpair()
    stream = IOStream(ours)
    try:
        written = stream.write(bytes(4_000_000))
        assert stream._total_write_index == 4_000_000
        assert 0 < stream._total_write_done_index < 4_000_000
        reader, writer = await asyncio.open_connection(sock=theirs)
        await reader.readexactly(4_000_000)
        await written
        assert stream._total_write_done_index == 4_000_000
        writer.close()
    finally:
        stream.close()


@stream_request_body
class Upload(RequestHandler):
    """Records, while a body arrives, whether Tornado considers it complete; answers with a cookie."""

    seen: list[bool] = []
    heads: list[str] = []

    def prepare(self) -> None:
        self.seen.append(self.request._body_future.done())

    def data_received(self, chunk: bytes) -> None:
        self.seen.append(self.request._body_future.done())

    def post(self) -> None:
        self.seen.append(self.request._body_future.done())
        self.set_header("X-Ours", "given")
        self.add_header("Set-Cookie", "name=value; Path=/")
        self.heads += [f"{name}: {value}" for name, value in self._headers.get_all()]


async def test_tornado_reports_the_end_of_a_body_and_the_headers_to_be_sent() -> None:
    server = HTTPServer(Application([("/", Upload)]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
        answer = await AsyncHTTPClient().fetch(url, method="POST", body="all of it")
    finally:
        server.stop()
        await server.close_all_connections()
    assert Upload.seen == [False, False, True]
    came = {f"{name}: {value}" for name, value in answer.headers.get_all()}
    assert {"X-Ours: given", "Set-Cookie: name=value; Path=/"} <= came
    assert came - set(Upload.heads) == {"Content-Length: 0", "Connection: close"}

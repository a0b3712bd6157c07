"""First visits: a browser with an empty cache opens the lobby and a room.

python -m bench.pages [--rounds N] [--visits N] [--against FOLDER]

Against Express 5 with its compression, which serves the same files and knows neither visitors nor rooms; and against
another checkout of gifchat in FOLDER. In each round all are measured one after the other, and a ratio is taken within
its round; medians count. The images of a chat are not counted. Exit status 1 when a floor is missed.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from bench.crowd import cpu_s
from bench.server import CLIENT_CORE, ROOT, process_of, serving
from bench.visit import Visitor

PORTS: Final = {"gifchat": 8811, "express": 8812, "against": 8813}
AT_ONCE: Final = 30
MESSAGES: Final = 30

FLOORS: Final = {"requests": 8, "kib": 75}
RATIOS: Final = {
    "express": {"cpu_ms": 0.25},
    "against": {"cpu_ms": 0.15, "at_once_ms": 0.25},
}

Figures = dict[str, float]


def with_a_room(port: int) -> list[str]:
    """Make a room in which something was said; return the paths of a visit."""

    def send(method: str, path: str, body: dict[str, object], cookie: str = "") -> tuple[dict[str, str], str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Cookie": cookie}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer), answer.headers.get("Set-Cookie", "").partition(";")[0]

    room, cookie = send("POST", "/room", {"title": "첫 방문", "max": 1000})
    send("PATCH", f"/room/{room['_id']}", {"kept": True}, cookie)  # nobody enters it but by HTTP
    for number in range(MESSAGES):
        send("POST", f"/room/{room['_id']}/chat", {"chat": f"{number}번째 메시지입니다. 안녕하세요!"}, cookie)
    return ["/", f"/room/{room['_id']}"]


def save(folder: Path, visitor: Visitor) -> None:
    """Write what a visitor got as Express will find it."""
    for path, answer in visitor.answers.items():
        name = f"{path}index" if path.endswith("/") else path
        if answer.kind == "text/html" and not name.endswith(".html"):
            name += ".html"
        file = folder / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.body)


async def first_visit(port: int, paths: list[str]) -> tuple[Visitor, list[list[str]]]:
    """Open the pages one after the other, in a new browser; return it, and what each page asked for."""
    visitor = Visitor(port)
    asked = [await visitor.open(path) for path in paths]
    visitor.close()
    return visitor, asked


async def measure(port: int, pid: int, paths: list[str], visits: int) -> Figures:
    """Return the figures of one server."""
    before = cpu_s(pid)
    for _ in range(visits):
        await first_visit(port, paths)
    cpu_ms = (cpu_s(pid) - before) * 1000 / visits
    began = time.perf_counter()
    await asyncio.gather(*(first_visit(port, paths) for _ in range(AT_ONCE)))
    return {"cpu_ms": cpu_ms, "at_once_ms": (time.perf_counter() - began) * 1000}


@contextmanager
def servers(against: Path | None) -> Iterator[dict[str, tuple[int, list[str]]]]:
    """Run all; gives the process id of each and the paths of a visit to it."""
    with ExitStack() as stack:
        running = {}
        for name, root in (("gifchat", ROOT), ("against", against)):
            if root is not None:
                data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                pid = stack.enter_context(serving(data, PORTS[name], root=root))
                running[name] = (pid, with_a_room(PORTS[name]))
        files = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        visitor, asked = asyncio.run(first_visit(PORTS["gifchat"], running["gifchat"][1]))
        save(files, visitor)
        show_weight(visitor, asked)
        command = ["node", str(ROOT / "bench" / "express_server.js"), str(PORTS["express"]), str(files)]
        running["express"] = (stack.enter_context(process_of(command)), running["gifchat"][1])
        yield running


def show_weight(visitor: Visitor, asked: list[list[str]]) -> None:
    """Print what each page is made of."""
    for name, paths in zip(("lobby", "room"), asked, strict=True):
        weight = sum(visitor.answers[path].wire_bytes for path in paths) / 1024
        print(f"{name}: {len(paths)} requests, {weight:.1f} KiB")
        for path in paths:
            print(f"  {visitor.answers[path].wire_bytes / 1024:7.1f} KiB  {path}")


def floors_met(rounds: list[dict[str, Figures]]) -> bool:
    """Print the ratios and which floors are met; return whether all are."""
    all_met = True
    for other, floors in RATIOS.items():
        for key in ("cpu_ms", "at_once_ms"):
            ratios = sorted(figures["gifchat"][key] / figures[other][key] for figures in rounds if other in figures)
            if not ratios:
                continue
            met = key not in floors or median(ratios) <= floors[key]
            all_met &= met
            told = "" if key not in floors else f"   <= {floors[key]:g}: {'met' if met else 'MISSED'}"
            print(f"{key} / {other}: {median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}){told}")
    return all_met


def main() -> None:
    """Measure, print, and exit with 1 when a floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--visits", type=int, default=30, help="one after the other, for the CPU of one")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout of gifchat")
    options = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with servers(options.against) as running:
        for name, (pid, paths) in running.items():  # what is done once only
            asyncio.run(measure(PORTS[name], pid, paths, 2))
        rounds = []
        for number in range(options.rounds):
            order = sorted(running, reverse=number % 2 == 1)
            rounds.append({name: asyncio.run(measure(PORTS[name], *running[name], options.visits)) for name in order})
        for name in running:
            middle = {key: median(figures[name][key] for figures in rounds) for key in rounds[0][name]}
            print(f"{name:8}" + "".join(f"  {key} {value:7.1f}" for key, value in middle.items()))
    raise SystemExit(0 if floors_met(rounds) else 1)


if __name__ == "__main__":
    main()

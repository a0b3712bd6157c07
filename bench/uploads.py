"""The memory of the server and of its worker during many concurrent uploads.

python -m bench.uploads [--uploads N] [--mib N]

Exits with 1 when a floor is missed. The peaks are the kernel's own (VmHWM), so no short peak is missed.
"""

import argparse
import asyncio
import http.client
import io
import json
import os
import random
import tempfile
import time
from pathlib import Path

from PIL import Image

from bench.crowd import cpu_s
from bench.server import CLIENT_CORE, ROOT, serving
from bench.storage import floor_met

PORT = 8809
UPLOADS = 50
SIZE_MIB = 5
SERVER_MIB = 40
SIDE = 512
PALETTE_AT = 13  # where a GIF's palette begins
BOUNDARY = "gifchat-bench"


def gif(size_bytes: int) -> bytes:
    """Return an animated GIF of at most `size_bytes`, of incompressible pixels."""
    rng = random.Random(1)

    def frame() -> Image.Image:
        picture = Image.frombytes("P", (SIDE, SIDE), rng.randbytes(SIDE * SIDE))
        picture.putpalette(rng.randbytes(3 * 256))
        return picture

    frames: list[Image.Image] = []
    file = io.BytesIO()
    found = b""
    while len(file.getvalue()) <= size_bytes:
        found = file.getvalue()
        frames.append(frame())
        file = io.BytesIO()
        frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=50, optimize=False)
    return found


def another(image: bytes, number: int) -> bytes:
    """Return the image with another palette, so that its content differs."""
    return image[:PALETTE_AT] + number.to_bytes(3, "big") + image[PALETTE_AT + 3 :]


class Memory:
    """The resident memory of a process, and its peak since the creation of this object, in MiB."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # resets the peak (proc(5))
        self.before = self._status("VmRSS")

    @property
    def peak(self) -> float:
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def worker_of(pid: int) -> int:
    """Return the process id of a server's worker."""
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(worker)


def new_room() -> tuple[str, str]:
    """Create a room; return its id and its owner's cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    connection.request("POST", "/room", json.dumps({"title": "측정"}), headers)
    answer = connection.getresponse()
    room = str(json.loads(answer.read())["_id"])
    return room, str(answer.getheader("Set-Cookie")).partition(";")[0]


async def upload(room: str, cookie: str, image: bytes) -> None:
    """Upload an image; return when the response has arrived."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="gif"; filename="a.gif"\r\n\r\n'.encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    request = (
        f"POST /room/{room}/gif HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {cookie}\r\nAccept: application/json\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(head) + len(image) + len(tail)}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(request.encode() + head)
    for part in (image, tail):
        writer.write(part)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"rejected: {answer[-300:]!r}")


async def at_once(images: list[bytes]) -> float:
    """Upload all images at the same time; return how long that took, in seconds."""
    room, cookie = new_room()
    began = time.perf_counter()
    await asyncio.gather(*(upload(room, cookie, image) for image in images))
    return time.perf_counter() - began


def main() -> None:
    """Measure and print; exit with 1 when the floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.uploads")
    parser.add_argument("--uploads", type=int, default=UPLOADS)
    parser.add_argument("--mib", type=float, default=SIZE_MIB)
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    image = gif(int(options.mib * 2**20))
    images = [another(image, number) for number in range(options.uploads)]
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder, serving(Path(folder), PORT) as pid:
        server = Memory(pid)
        asyncio.run(at_once([gif(2**20)]))  # starts the worker and lets it decode one image
        memory = {"server": server, "worker": Memory(worker_of(pid))}
        cpu = {name: cpu_s(of.pid) for name, of in memory.items()}
        took = asyncio.run(at_once(images))
        print(f"{len(images)} concurrent uploads of {len(image) / 2**20:.1f} MiB took {took:.1f} s")
        print(f"{'memory, MiB':14}{'before':>10}{'peak':>10}{'growth':>10}{'CPU ms each':>14}")
        for name, of in memory.items():
            each = 1000 * (cpu_s(of.pid) - cpu[name]) / len(images)
            print(f"{name:14}{of.before:10.1f}{of.peak:10.1f}{of.peak - of.before:10.1f}{each:14.1f}", flush=True)
        met = floor_met(
            "the server's memory growth during many concurrent uploads, in MiB",
            server.peak - server.before,
            "<=",
            SERVER_MIB,
        )
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()

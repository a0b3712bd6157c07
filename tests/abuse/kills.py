"""Processes that are killed or stand still, at the worst moment."""

import asyncio
import os
import random
import signal
from pathlib import Path

from tests.abuse.kinds import kind
from tests.abuse.target import Target
from tests.client import GIF
from tests.crash.storm import Storm
from tests.server import STOP_TIMEOUT_S

FROZEN_S = 5.0
KILLS = 3


def _worker(pid: int) -> int:
    """Return the process that examines images."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    [worker] = [int(child) for child in children if b"images.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return worker


@kind("the image worker is killed, again and again", expected="crashed with an image")
async def worker_killed(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    for number in range(KILLS):
        assert (await browser.upload(f"/room/{room}/gif", ("gif", GIF, f"{number}.gif"))).status == 200
        os.kill(_worker(target.server.process.pid), signal.SIGKILL)
    assert (await browser.upload(f"/room/{room}/gif", ("gif", GIF, "last.gif"))).status == 200
    browser.close()


@kind(f"the server stands still for {FROZEN_S:g} seconds")
async def frozen(target: Target) -> None:
    target.server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(FROZEN_S)
    target.server.process.send_signal(signal.SIGCONT)


@kind("the server is stopped with uploads and floods under way", bystanders=False)
async def stopped(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    head = target.request("POST", f"/room/{room}/gif", f"Cookie: {browser.identity}", "Content-Length: 1000000")
    async with target.connection() as upload, target.websocket(room, browser.identity) as flood:
        upload.send(head + bytes(1_000))
        flood.send(b"\x89\x80\0\0\0\0" * 100_000)
        target.server.process.terminate()
        status = await asyncio.to_thread(target.server.process.wait, STOP_TIMEOUT_S)
    browser.close()
    assert status == 0, f"exit status {status}"


@kind(f"the server is killed {KILLS} times under load", bystanders=False)
async def killed(target: Target) -> None:
    """On a data folder of its own: what was acknowledged is there (`tests.crash.storm`)."""
    await Storm(target.server.data.with_name("storm"), random.randrange(1_000_000)).run(KILLS)

"""Health and metrics."""

import asyncio
import contextlib
import errno
import json
import os
import sqlite3
from pathlib import Path
from typing import cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

import options
from handlers import health
from handlers.health import Health
from realtime.errors import Storage
from tests.client import Site, StartSite, site, start_site
from tests.conftest import ExpectLog
from tests.crash.wire import Socket

__all__ = ["site", "start_site"]


async def metrics(site: Site) -> dict[str, float]:
    """Return every sample, parsed by Prometheus's own client library."""
    answer = await site.browser().get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {f"{sample.name}{''.join(sample.labels.values())}": sample.value for sample in samples}


async def test_healthz_reports_status_and_version(site: Site) -> None:
    browser = site.browser()
    assert (await browser.get("/healthz")).json == {
        "status": "ok",
        "version": options.VERSION,
        "rooms": 0,
        "visitors": 0,
    }
    await browser.new_room()
    health = (await browser.get("/healthz")).json
    assert (health["rooms"], health["visitors"]) == (1, 1)


class Records:
    """A storage that fails when told to."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.hangs = False
        self.looks = 0

    async def check(self) -> None:
        self.looks += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.error is not None:
            raise Storage from self.error


async def test_health_says_what_does_not_work_and_since_when(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CACHED_S", 0.0)
    records, examines = Records(), True
    state = Health(records, tmp_path, lambda: examines)
    assert await state.degraded() == {}
    records.error = OSError("database or disk is full")
    first = await state.degraded()
    assert {part: trouble.reason for part, trouble in first.items()} == {"database": "database or disk is full"}
    assert first["database"].since.endswith("Z")
    records.error, examines = OSError("database is locked"), False
    then = await state.degraded()
    assert (then["database"].since, then["database"].reason) == (first["database"].since, "database is locked")
    assert set(then) == {"database", "images"}
    records.error, examines = None, True
    assert await state.degraded() == {}


async def test_health_does_not_wait_for_a_disk_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.01)
    records = Records()
    records.hangs = True
    degraded = await Health(records, tmp_path, lambda: True).degraded()
    assert degraded["database"].reason == "no answer within 0.01 s"


async def test_health_says_that_the_disk_is_full_or_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = await Health(Records(), tmp_path / "gone", lambda: True).degraded()
    assert {part: trouble.reason for part, trouble in gone.items()} == {"disk": os.strerror(errno.ENOENT)}
    monkeypatch.setattr(health, "FULL_BELOW_BYTES", 2**80)
    full = await Health(Records(), tmp_path, lambda: True).degraded()
    assert {part: trouble.reason for part, trouble in full.items()} == {"disk": "full"}


async def test_health_is_looked_at_once_a_second(tmp_path: Path) -> None:
    records = Records()
    state = Health(records, tmp_path, lambda: True)
    await asyncio.gather(*(state.degraded() for _ in range(100)))
    await state.degraded()
    assert records.looks == 1


async def test_healthz_answers_503_while_the_database_is_locked(site: Site, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: database is locked")
    with contextlib.closing(sqlite3.connect(site.data / "gifchat.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await site.browser().get("/healthz")
    assert (answer.status, answer.json["status"], answer.json["version"]) == (503, "degraded", options.VERSION)
    [(part, trouble)] = cast("dict[str, dict[str, str]]", answer.json["degraded"]).items()
    assert (part, trouble["reason"]) == ("database", "database is locked")


async def test_asking_for_health_does_not_grow_the_database(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CACHED_S", 0.0)
    browser, wal = site.browser(), site.data / "gifchat.db-wal"
    for _ in range(1100):  # SQLite begins the log anew every 1,000 pages
        assert (await browser.get("/healthz")).status == 200
    assert wal.stat().st_size < 1100 * 4096
    assert (await browser.get("/healthz")).json["visitors"] == 0


async def test_the_metrics_count_what_happens(site: Site) -> None:
    before = await metrics(site)
    assert [before[f"gifchat_{name}"] for name in ("rooms", "visitors", "socketspolling", "buffered_bytes")] == [0] * 4
    browser = site.browser()
    await browser.new_room()
    await browser.get("/nowhere")
    after = await metrics(site)
    assert (after["gifchat_rooms"], after["gifchat_visitors"], after["gifchat_members"]) == (1, 1, 0)
    assert after["gifchat_requests_total4xx"] == 1
    assert after["gifchat_requests_total2xx"] == 2  # the first /metrics request, and the room


async def test_each_application_has_its_own_metrics(start_site: StartSite) -> None:
    first = await start_site()
    await first.browser().get("/nowhere")
    second = await start_site("--data", str(first.data.with_name("second")))
    assert "gifchat_requests_total4xx" not in await metrics(second)
    assert (await metrics(first))["gifchat_requests_total4xx"] == 1


async def test_the_metrics_tell_connections_latencies_and_refusals(site: Site) -> None:
    browser = site.program()
    room = await browser.new_room()
    websocket = await Socket.open(site.port, browser.identity, lambda *_: None)
    opened = await browser.get("/socket.io/?EIO=4&transport=polling")
    before = await metrics(site)
    assert (before["gifchat_socketspolling"], before["gifchat_socketswebsocket"]) == (1, 1)
    assert before["gifchat_buffered_bytes"] == 0
    polls = f"/socket.io/?EIO=4&transport=polling&sid={json.loads(opened.text[1:])['sid']}"
    assert (await browser.ask("POST", polls, "40/room,")).status == 200  # the answer waits for a poll
    assert (await websocket.ask("join", {"room": room}))["ok"]
    for _ in range(2):
        assert (await websocket.ask("chat", {"room": room, "chat": ""}))["error"] == "empty_chat"
    assert (await browser.post(f"/room/{room}/chat", {"chat": ""})).refusal == (400, "empty_chat")
    assert (await browser.post(f"/room/{room}/chat", {"chat": "hello"})).status == 200
    after = await metrics(site)
    assert after["gifchat_buffered_bytes"] >= len('40/room,{"sid":""}')
    assert after["gifchat_refusals_totalempty_chat"] == 3
    assert after["gifchat_commit_seconds_count"] >= before["gifchat_commit_seconds_count"] + 2
    assert after["gifchat_commit_seconds_sum"] > before["gifchat_commit_seconds_sum"]
    assert after["gifchat_fanout_seconds_count/chat"] > before["gifchat_fanout_seconds_count/chat"]
    assert after["gifchat_fanout_seconds_bucket+Inf/chat"] == after["gifchat_fanout_seconds_count/chat"]
    await websocket.close()


@pytest.mark.parametrize(
    ("options", "address", "status"),
    [
        (["--trust-proxy"], "10.1.2.3", 403),
        (["--trust-proxy"], "2001:db8::7", 403),
        (["--trust-proxy"], "127.0.0.1", 200),
        (["--trust-proxy", "--metrics-open"], "10.1.2.3", 200),
        ([], "10.1.2.3", 200),  # no proxy is trusted: the header counts for nothing
    ],
)
async def test_other_machines_may_not_read_the_metrics(
    start_site: StartSite, options: list[str], address: str, status: int
) -> None:
    site = await start_site(*options)
    answer = await site.program().get("/metrics", {"X-Forwarded-For": address})
    assert answer.status == status
    if status == 403:
        assert answer.refusal == (403, "forbidden")

"""Health and metrics."""

from prometheus_client.parser import text_string_to_metric_families

import options
from tests.client import Site, StartSite, site, start_site

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


async def test_the_metrics_count_what_happens(site: Site) -> None:
    before = await metrics(site)
    assert (before["gifchat_rooms"], before["gifchat_visitors"], before["gifchat_sockets"]) == (0, 0, 0)
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

"""What readers choose: theme, motion and language, in the cookie of their session."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from handlers.choices import OFFERED, USUAL, Choices, joined, parted
from handlers.identity import IdentityCookie
from realtime.errors import BadRequest
from tests.client import COOKIE, Site, StartSite, site, start_site

__all__ = ["site", "start_site"]

ALL = [USUAL.changed(dict(zip(OFFERED, values, strict=True))) for values in itertools.product(*OFFERED.values())]
DARK = Choices(theme="dark", motion="still", lang="en", enter="line")


@given(st.text(st.characters(max_codepoint=255)), st.sampled_from(ALL))
def test_a_cookie_says_a_session_and_its_choices(session: str, choices: Choices) -> None:
    """Whoever chose nothing has the cookie of before there were choices."""
    if parted(session)[1] == USUAL:
        assert parted(joined(session, choices)) == (session, choices)
    assert joined(session, USUAL) == session


def test_a_cookie_of_before_there_were_as_many_choices_keeps_them() -> None:
    assert parted("session/dark.still.en") == ("session", Choices(theme="dark", motion="still", lang="en"))


@pytest.mark.parametrize(
    "said", ["", "/", "a/b", "a/dark.still", "a/dark.still.fr", "a/dark.still.en.", "dark.still.en"]
)
def test_what_ends_in_no_choices_is_a_session(said: str) -> None:
    assert parted(said) == (said, USUAL)


@pytest.mark.parametrize(
    "values", [{"theme": "blue"}, {"motion": ""}, {"lang": 1}, {"theme": ["dark"]}, {"lang": None}]
)
def test_only_what_is_offered_can_be_chosen(values: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        USUAL.changed(values)


def test_a_renewed_cookie_keeps_the_choices() -> None:
    cookie = IdentityCookie("a secret")
    chosen = cookie.given(HTTPHeaders(), "session", DARK, secure=False)[0][1].partition(";")[0]
    renewed = cookie.given(HTTPHeaders({"Cookie": chosen}), "session", secure=False)[0][1].partition(";")[0]
    for value in (chosen, renewed):
        headers = HTTPHeaders({"Cookie": value})
        assert (cookie.read(headers), cookie.choices(headers)) == (("session", False), DARK)
    assert IdentityCookie("another").choices(HTTPHeaders({"Cookie": chosen})) == USUAL


async def test_every_page_is_as_its_reader_chose(site: Site) -> None:
    """Also those that are made once for many readers, and those that ask nobody who they are."""
    host = site.browser()
    room = await host.new_room()
    reader, other = site.browser(), site.browser()
    colour = (await reader.get("/")).text.partition('chip-name">')[2][:7]
    form = {"theme": "dark", "motion": "still", "lang": "en", "enter": "line"}
    answer = await reader.ask("POST", "/settings", headers={"Referer": f"{site.url}/room?x=%20"}, form=form)
    assert (answer.status, answer.headers["Location"]) == (302, "/room?x=%20")
    assert list(reader.cookies) == [COOKIE]
    await other.get("/")
    for browser, before in ((reader, False), (other, False), (host, False), (reader, True)):
        if before:  # who is stored
            await browser.new_room()
        for path in ("/", f"/room/{room}", "/room", "/join", "/lessons", "/nowhere"):
            page = (await browser.get(path)).text
            chose = browser is reader
            assert ('<html lang="en" data-theme="dark" data-motion="still" data-enter="line">' in page) is chose, path
            assert ('<html lang="ko">' in page) is not chose, path
            assert f'name="color-scheme" content="{"dark" if chose else "light dark"}"' in page
            assert page.count(" selected>") == 4
            assert ('value="still" selected' in page) is chose
            assert (colour in page) is (chose and path != "/nowhere") or path == f"/room/{room}"


async def test_a_program_changes_what_it_names(site: Site) -> None:
    program = site.program()
    usual = {"theme": "system", "motion": "system", "lang": "browser", "enter": "device"}
    assert (await program.post("/settings", json_body={})).json == usual
    assert (await program.post("/settings", json_body={"theme": "light"})).json == {**usual, "theme": "light"}
    assert (await program.post("/settings", {"lang": "ko"})).json == {**usual, "theme": "light", "lang": "ko"}
    assert (await program.post("/settings", {"lang": "fr"})).refusal == (400, "bad_request")
    assert (await program.post("/settings", {"theme": "system"})).json == {**usual, "lang": "ko"}


async def test_choosing_stores_nobody_and_other_sites_cannot_choose(site: Site) -> None:
    browser = site.browser()
    await browser.post("/settings", {"theme": "dark"})
    assert (await browser.get("/healthz")).json["visitors"] == 0
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        foreign = await browser.ask("POST", "/settings", headers=headers, form={"theme": "light"})
        assert (foreign.status, foreign.headers.get_list("Set-Cookie")) == (403, [])


@pytest.mark.parametrize(
    "referer",
    ["", "/room", "http://evil.example/room", "{}//evil.example", "{}/\\evil.example", "{}/settings", "http://[", "{}"],
)
async def test_who_chose_is_not_sent_to_another_site(site: Site, referer: str) -> None:
    headers = {"Referer": referer.format(site.url)}
    answer = await site.browser().ask("POST", "/settings", headers=headers, form={"theme": "dark"})
    assert (answer.status, answer.headers["Location"]) == (302, "/")


async def test_the_readers_language_comes_before_the_operators(start_site: StartSite) -> None:
    site = await start_site("--lang", "en")
    browser = site.browser(Accept_Language="ko")
    assert '<html lang="en">' in (await browser.get("/")).text
    await browser.post("/settings", {"lang": "ko"})
    assert '<html lang="ko">' in (await browser.get("/")).text
    await browser.post("/settings", {"lang": "browser"})
    assert '<html lang="en">' in (await browser.get("/")).text

"""Who one is: cookies, addresses, and what is counted by them."""

from tests.abuse.kinds import kind
from tests.abuse.target import Target

GUESSES = 30


@kind("a forged cookie is nobody's")
async def forged_cookie(target: Target) -> None:
    owner, thief = target.browser(), target.browser()
    room = await owner.new_room()
    name, _, value = owner.identity.partition("=")
    parts = value.split("|")
    for forged in (value[:-1], value[:-1] + ("0" if value[-1] != "0" else "1"), value.replace(parts[0], "1", 1), ""):
        thief.cookies = {name: forged}
        answer = await thief.ask("DELETE", f"/room/{room}")
        assert answer.status == 403, answer.body
    owner.close()
    thief.close()


@kind("cookies of many kilobytes")
async def long_cookies(target: Target) -> None:
    for cookie in ("x" * 8_000, "; ".join(f"a{number}=b" for number in range(1_000)), '"' * 5_000, "\\" * 5_000):
        for _ in range(50):
            reply = await target.reply(target.request("GET", "/", f"Cookie: {cookie}"))
            assert reply.status in (200, 400, 431), reply


@kind("guesses from addresses that are made up")
async def forwarded_guesses(target: Target) -> None:
    """Without --trust-proxy, an address that a client claims for itself counts for nothing."""
    owner, guesser = target.browser(), target.browser()
    room = await owner.new_room(password="correct")
    statuses = []
    for number in range(GUESSES):
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}
        answer = await guesser.ask("POST", f"/room/{room}/enter", headers=headers, form={"password": str(number)})
        statuses.append(answer.status)
    assert 429 in statuses, statuses
    owner.close()
    guesser.close()


@kind("guesses with a new cookie each")
async def guesses_without_cookie(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(password="correct")
    statuses = []
    for number in range(GUESSES):
        guesser = target.browser()
        statuses.append((await guesser.post(f"/room/{room}/enter", {"password": str(number)})).status)
        guesser.close()
    assert 200 not in statuses and 302 not in statuses, statuses
    assert (await owner.get(f"/room/{room}")).status == 200
    owner.close()


@kind("rooms without end")
async def rooms(target: Target) -> None:
    browser = target.browser()
    statuses = []
    for number in range(100):
        statuses.append((await browser.post("/room", {"title": str(number)})).status)
    assert statuses.count(201) <= 20 and 429 in statuses, statuses
    browser.close()


@kind("3,000 visitors who never do anything")
async def visitors(target: Target) -> None:
    async with target.connection() as raw:
        for _ in range(3_000):
            raw.send(target.request("GET", "/"))
            assert (await raw.reply()).status in (200, 429)
    metrics = (await target.browser().get("/healthz")).json
    assert int(str(metrics["visitors"])) < 1_000, metrics


@kind("acting for others: kick, delete, change, edit")
async def acting_for_others(target: Target) -> None:
    owner, guest = target.browser(), target.browser()
    room = await owner.new_room()
    assert (await guest.get(f"/room/{room}")).status == 200
    for method, path, body in (
        ("DELETE", f"/room/{room}", None),
        ("PATCH", f"/room/{room}", {"title": "mine"}),
        ("GET", f"/room/{room}/kicked", None),
    ):
        answer = await guest.ask(method, path, json_body=body)
        assert answer.status == 403, answer.body
    stranger = target.browser()
    for path in (f"/room/{room}/chats", f"/room/{room}/search?q=a"):
        assert (await stranger.get(path)).status == 403
    assert (await stranger.post(f"/room/{room}/chat", {"chat": "x"})).status == 403
    for browser in (owner, guest, stranger):
        browser.close()

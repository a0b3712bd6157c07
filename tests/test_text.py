"""How text is normalised, alike at every entry point, and how it is searched."""

import json
import subprocess
import sys
import unicodedata
from urllib.parse import quote, urlencode

import pytest

from realtime.chat.text import ENDS, INVISIBLE, normalised
from realtime.unicode import MARKS, MOST_MENDED_BYTES, composed, folded, from_json, from_utf8, whole
from tests.client import GIF_PART, Browser, Site, site, start_site
from tests.conftest import ROOT
from tests.lessons import namespace, received

__all__ = ["site", "start_site"]

NFC, NFD = "각 café", unicodedata.normalize("NFD", "각 café")
MIXED = "가\u11a8 cafe\u0301"  # a syllable and a separate final jamo

FAMILY = "👨\u200d👩\u200d👧"
ENGLAND = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"


@pytest.mark.parametrize(
    "code_points",
    [
        [0x3164],
        [0x115F],
        [0x1160, 0xFFA0],
        [0x200B],
        [0x2800],
        [0xFEFF],
        [0xAD],
        [0x180E, 0x180B, 0x180F],
        [0x34F, 0x61C, 0x17B4, 0x17B5],
        [0xFE00, 0xFE0F, 0xE0100],
        [0xE0001, 0xE0020, 0xE007F],
        [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)],
        [0, 1, 0x1F, 0x7F, 0x85, 0x9F],
        [0x20, 0xA0, 0x1680, 0x2003, 0x2028, 0x2029, 0x205F, 0x3000],
        [0xFFF9, 0xFFFB, 0x1D173, 0x1BCA0, 0x1D159],
    ],
    ids=lambda code_points: f"U+{code_points[0]:04X}",
)
def test_a_text_of_invisible_characters_is_empty(code_points: list[int]) -> None:
    text = "".join(map(chr, code_points))
    assert normalised(text) == normalised(text[0]) == normalised(f" {text}\n\u3164{text}") == ""
    assert normalised(f"{text}x").endswith("x")


@pytest.mark.parametrize(
    "text",
    [
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        FAMILY,
        ENGLAND,
        "\u2800\u2800⣿\n⣿\u2800",
        "\u3164ㅋ\u3164",
        "\u1112\u1160",
        "\u0628\u200d",  # a letter in its word-initial form
        "\u202eabc\u202c",
        "\u0301",
        "\u0600",
        "\ufffd",
        "\ue000",
        "a\u200bb\n\nc",
    ],
    ids=ascii,
)
def test_visible_text_is_kept_unchanged(text: str) -> None:
    assert normalised(text) == text
    assert normalised(f"\r\n {text}\u3000\u200b") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("a\0b\r\0\nc", "ab\nc"),
        ("\ud83dx\ude00 \ud83d\ude00\ud83d", "\ufffdx\ufffd 😀\ufffd"),
        ("\x85\x1c a \ufeff", "a"),
    ],
)
def test_a_text_is_normalised(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_the_page_normalises_text_by_the_same_rules(node: str) -> None:
    """For all characters: which are invisible, which are trimmed, and how the others are normalised."""
    script = """
        import { keptText } from "./static/js/text.js";
        const all = Array.from({ length: 0x110000 }, (_, code) => code);
        const matching = (fits) => all.filter((code) => fits(String.fromCodePoint(code)));
        const result = [matching((c) => keptText(c) === ""), matching((c) => keptText(`${c}x${c}`) === "x")];
        const texts = JSON.parse(process.argv.at(-1)).map(keptText);
        console.log(JSON.stringify([...result, texts]));
    """
    texts = ["a\r\nb\rc", "\0a\0", "\ud83dx\ude00 \ud83d\ude00", f" {FAMILY}\n", "\u3164", "\r\0\n", "x" + " " * 99_999]
    ended = subprocess.run(
        [node, "--input-type=module", "-e", script, json.dumps(texts)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    unseen, trimmed, put_in_order = json.loads(ended.stdout)
    characters = list(map(chr, range(sys.maxunicode + 1)))
    assert unseen == [ord(c) for c in characters if INVISIBLE.fullmatch(c)]
    assert trimmed == sorted(ord(c) for c in ENDS + "\0")
    assert put_in_order == list(map(normalised, texts))


def test_every_decoder_handles_lone_surrogates() -> None:
    assert whole("\ud83d\ude00\ude00") == "😀\ufffd"
    assert from_utf8(b"\xed\xa0\xbd\xed\xb8\x80\xed\xa0\xbd") == "😀\ufffd"
    assert from_json(r'["\ud83d", "\\ud83d", "\ud83d\ude00"]') == ["\ufffd", "\\ud83d", "😀"]
    with pytest.raises(UnicodeDecodeError):
        from_utf8(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        from_utf8(b"\xed\xa0\xbd" * MOST_MENDED_BYTES)


# --- every entry point

WRITTEN = " a\r\nb\rc\0d\ud83d\u200b\ufeff "
KEPT = "a\nb\ncd\ufffd"
BLANK = "\u3164\u200b\r\n\0"


def raw(text: str) -> bytes:
    """Return the text as an encoder writes it that does not check for lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


async def by_event(site: Site, program: Browser, room: str, event: str, argument: dict[str, str]) -> dict[str, object]:
    """Emit an event as a member of the room and return its ack."""
    async with namespace(site, "/chat", Cookie=program.identity) as socket:
        await socket.send(f"42/chat,0{json.dumps(['join', room])}")
        await socket.send(f"42/chat,1{json.dumps([event, {'room': room, **argument}])}")
        while not (answer := await received(socket)).startswith("43/chat,1"):
            pass
        ack = json.loads(answer.removeprefix("43/chat,1"))[0]
        assert isinstance(ack, dict)
        return ack


async def test_every_entry_point_normalises_text_alike(site: Site) -> None:
    program, guest = site.program(), site.program()
    room = await program.new_room()
    form, path = {"Content-Type": "application/x-www-form-urlencoded"}, f"/room/{room}"
    await program.post(f"{path}/chat", json_body={"chat": WRITTEN})
    as_json = raw(json.dumps({"chat": WRITTEN}, ensure_ascii=False))
    await program.ask("POST", f"{path}/chat", as_json, {"Content-Type": "application/json"})
    await program.ask("POST", f"{path}/chat", urlencode({"chat": raw(WRITTEN)}), form)
    multipart = ("chat", raw(WRITTEN), None)
    name = str((await program.upload(f"{path}/gif", multipart, GIF_PART)).json["gif"])
    await program.upload(f"{path}/gif", ("name", name.encode(), None), multipart)
    await program.ask("POST", f"{path}/gif", json_body={"name": name, "chat": WRITTEN})
    assert (await by_event(site, program, room, "chat", {"chat": WRITTEN}))["ok"]
    await guest.get(path)
    async with namespace(site, "/chat", Cookie=guest.identity) as socket:
        await socket.send(f"42/chat,0{json.dumps(['join', room])}")
        while not (answer := await received(socket)).startswith("43/chat,0"):
            pass
        reader = json.loads(answer.removeprefix("43/chat,0"))[0]["user"]
        assert (await by_event(site, program, room, "whisper", {"to": reader, "chat": WRITTEN}))["ok"]
    assert [record["chat"] for record in await program.chats(room)] == [KEPT] * 8
    for text in (WRITTEN, "b\r\nc", "C\0D\ud83d"):
        found = (await program.get(f"{path}/search?q={quote(raw(text))}")).json["chats"]
        assert isinstance(found, list) and len(found) == 8
    titles = [
        (await program.ask("POST", "/room", json_body={"title": WRITTEN})).json["title"],
        (await program.ask("POST", "/room", urlencode({"title": raw(WRITTEN)}), form)).json["title"],
        (await program.ask("PATCH", path, json_body={"title": WRITTEN})).json["title"],
    ]
    assert titles == [KEPT] * 3


async def test_every_entry_point_treats_a_blank_text_as_empty(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    path = f"/room/{room}"
    for answer in (
        await program.post(f"{path}/chat", {"chat": BLANK}),
        await program.post(f"{path}/chat", json_body={"chat": BLANK}),
    ):
        assert answer.refusal == (400, "empty_chat")
    assert (await by_event(site, program, room, "chat", {"chat": BLANK}))["error"] == "empty_chat"
    assert (await by_event(site, program, room, "whisper", {"to": "#000000", "chat": BLANK}))["error"] == "empty_chat"
    assert "chat" not in (await program.upload(f"{path}/gif", ("chat", BLANK.encode(), None), GIF_PART)).json
    assert (await program.get(f"{path}/search?q={quote(BLANK)}")).refusal == (400, "bad_request")
    for answer in (
        await program.post("/room", {"title": BLANK}),
        await program.post("/room", json_body={"title": BLANK}),
        await program.ask("PATCH", path, json_body={"title": BLANK}),
    ):
        assert (answer.refusal, answer.json["field"]) == ((400, "invalid_room"), "title")


async def test_a_password_is_kept_as_typed(site: Site) -> None:
    program = site.program()
    password = "\u3164 a\r\nb\x01 "
    room = await program.new_room(password=password)
    assert (await site.program().post(f"/room/{room}/enter", {"password": password})).status == 302
    assert (await site.program().get(f"/room/{room}?password={quote(password)}")).status == 302
    assert (await site.program().post(f"/room/{room}/enter", {"password": "a"})).refusal == (403, "wrong_password")
    half = await program.new_room(password="x\ud83d")
    assert (await site.program().post(f"/room/{half}/enter", {"password": "x\ufffd"})).status == 302


# --- searching


def test_canonically_equivalent_texts_fold_to_the_same() -> None:
    for text in (NFC, NFD, MIXED, NFC.upper()):
        assert folded(text).removesuffix("é").removesuffix("É") == "각 caf"
    assert folded(NFC) == folded(NFD) == folded(MIXED)
    assert folded("A\u030a\u212b K;") == folded("ÅÅ \u212a\u037e")
    assert folded("É") == folded("E\u0301") != folded("é")


def test_long_runs_of_combining_marks_are_not_reordered() -> None:
    """So that no text takes long to process."""
    for mark in ("\u0301\u0316", "\u0f73\u0f71", "\U0001d165\u0301"):
        text = f"각{mark * 16}{NFD}"
        assert composed(text) == text
    for text in ("e" + "\u0301\u0316" * 15, "😀❤\ufe0f👍🏽" * 31 + NFD, "\u1100\u1161" * 100 + "!?…「」" * 31):
        assert composed(text) == unicodedata.normalize("NFC", text)
    for character in map(chr, range(sys.maxunicode + 1)):
        # A Tibetan vowel sign is a mark only when decomposed.
        if unicodedata.combining(character) or unicodedata.combining(unicodedata.normalize("NFD", character)[0]):
            assert MARKS.fullmatch(character), ascii(character)


async def test_a_search_finds_canonically_equivalent_texts(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    for text in (NFC, NFD, MIXED):
        await program.post(f"/room/{room}/chat", json_body={"chat": text})
    texts = [record["chat"] for record in await program.chats(room)]
    assert texts == [NFC, NFD, MIXED]  # as written
    for word in (*texts, "\u1100\u1161\u11a8", "각", "cafe\u0301"):
        found = (await program.get(f"/room/{room}/search?q={quote(str(word))}")).json["chats"]
        assert isinstance(found, list)
        assert [record["chat"] for record in found] == texts

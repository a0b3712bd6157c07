"""The pages' language, and the texts they can show."""

import html
import json
import re
from pathlib import Path

import jinja2
import pytest

from handlers.pages import LANGUAGES, Language, Pages, preferred_language, with_code
from handlers.resources import ROOT, STATIC, TEMPLATES
from realtime.errors import DomainError, InvalidRoom, NoSuchRoom, TooFast


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(TEMPLATES, debug=False)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "ko"),
        ("*", "ko"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("ja,en;q=0.5,ko;q=0.7", "ko"),
        ("fr, de;q=0.9", "ko"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0, ko;q=0", "ko"),
        ("en;q=nonsense", "ko"),
        ("english", "ko"),
        (";;;,,,=", "ko"),
    ],
)
def test_the_language_follows_accept_language(header: str, lang: Language) -> None:
    assert preferred_language(header) == lang


def test_what_is_between_backticks_is_code() -> None:
    assert with_code("a <b> `--x <y>`, `z`") == "a &lt;b&gt; <code>--x &lt;y&gt;</code>, <code>z</code>"


def test_every_error_has_its_text_in_every_language(pages: Pages) -> None:
    for error in DomainError.__subclasses__():
        assert pages.error_text("ko", error()) == error.text
        assert pages.error_text("en", error()) not in ("", error.text)
        for reason, text in error.reasons.items():
            assert pages.error_text("ko", error(reason=reason, limit=5)) == text.format(limit=5)
            assert "5" in pages.error_text("en", error(reason=reason, limit=5)) or "{" not in text


def test_every_text_exists_in_every_language() -> None:
    for file in (TEMPLATES / "texts").glob("*ko.json"):
        korean = json.loads(file.read_text("utf-8"))
        english = json.loads(file.with_name(file.name.replace("ko.json", "en.json")).read_text("utf-8"))
        assert [*korean] == [*english]
        for key, text in korean.items():
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), key


def test_it_is_said_in_every_language_what_an_image_from_the_shelf_shows(pages: Pages) -> None:
    names = [Path(entry["name"]).stem for entry in json.loads((STATIC / "shelf" / "shelf.json").read_text("utf-8"))]
    for lang in LANGUAGES:
        texts = json.loads((TEMPLATES / "texts" / f"shelf.{lang}.json").read_text("utf-8"))
        assert [*texts] == [f"js.motif.{name}" for name in names]
        line = pages.macro("partials/message.html", lang, "picture")
        random, record = f"{'0a' * 16}.gif", {"user": "#abcdef", "width": 1, "height": 1}
        for name in names:
            assert f': {texts[f"js.motif.{name}"]}"' in line({**record, "gif": f"{name}-{random}"}, False)
        for unknown in (random, f"gone-{random}"):
            assert "motif" not in line({**record, "gif": unknown}, False)


def test_a_part_can_have_its_own_text_files(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for lang in LANGUAGES:
        (tmp_path / "texts" / f"{lang}.json").write_text('{"js.a": "a", "b": "b"}', "utf-8")
        (tmp_path / "texts" / f"part.{lang}.json").write_text('{"js.c": "c", "d": "d"}', "utf-8")
    (tmp_path / "page.html").write_text(
        '{{ script_texts("js.a", "js.c") }} {{ script_texts("js.c") }} {{ t("d") }}', "utf-8"
    )
    page = Pages(tmp_path, debug=False).render("page.html", "ko")
    assert html.unescape(page) == "{'js.a': 'a', 'js.c': 'c'} {'js.c': 'c'} d"


def test_the_desks_log_has_words_for_all_that_a_desk_does() -> None:
    texts = json.loads((TEMPLATES / "texts" / "desk.en.json").read_text("utf-8"))
    code = "".join(file.read_text("utf-8") for file in (ROOT / "realtime" / "chat" / "desk").glob("*.py"))
    done = set(re.findall(r"\bnote\(who, \"(\w+)\"", code))
    assert {"freeze", "names", "allow", "show", "prepare"} < done
    for did in done:
        assert any(key.startswith(f"js.desk.log.{did}") for key in texts), did


def used_texts(*modules: str) -> set[str]:
    """Return the keys of texts that scripts use, as far as they are written out."""
    code = "".join(
        Path(file).read_text("utf-8") for pattern in modules for file in sorted(STATIC.glob(f"js/{pattern}"))
    )
    return set(re.findall(r"[\"`](js\.[\w.]+?)(?:\.\$\{|[\"`])", code))


@pytest.mark.parametrize(
    ("fragments", "modules", "elsewhere"),
    [
        (("lobby",), ("lobby.js", "lobby/*.js"), ()),
        (("desk",), ("desk.js", "desk/*.js"), ()),
        # The second group is used only once the part is open.
        (
            ("room",),
            ("room.js", "room/*.js", "room/attach/attach.js", "room/attach/transfer.js", "room/pictures/p*.js"),
            (
                "js.search.",
                "js.silence.",
                "js.held.",
                "js.teacher",
                "js.motif",
                "js.error.not_teacher",
                "js.shelf.",
                "js.share.",
                "js.upload.",
                "js.attach.unreadable",
                "js.owner.",
                "js.error.invalid_room",
                "js.error.empty_chat",
            ),
        ),
        (("room", "menu"), ("room/menu.js", "room/editor.js"), ()),
        (("room", "owner"), ("room/owner*.js", "room/kicked.js", "room/settings.js"), ()),
        (("room", "uploads"), ("room/uploads.js",), ()),
        (("room", "inspector"), ("inspector/*.js",), ()),
        (("room", "search"), ("room/finder.js",), ()),
        (("room", "attach"), ("room/attach/*.js",), ()),
        (("room", "alerts"), ("room/alerts/*.js",), ()),
        (("room", "shelf"), ("room.js", "room/shelf/*.js"), ()),
        (("room", "share"), ("room/share.js",), ()),
        (("room", "viewer"), ("room/pictures/viewer.js",), ()),
        (("room", "held"), ("room/held.js",), ()),
        (("room", "teacher"), ("room/teacher.js",), ()),
        (("room", "silence"), ("room/silence_view.js",), ()),
    ],
)
def test_a_fragment_brings_the_texts_that_its_scripts_use(
    pages: Pages, fragments: tuple[str, ...], modules: tuple[str, ...], elsewhere: tuple[str, ...]
) -> None:
    used = {key for key in used_texts(*modules) if not key.startswith(elsewhere)}
    assert used
    for lang in LANGUAGES:
        brought = "".join(pages.render(f"fragments/{name}.html", lang) for name in fragments)
        assert {key for key in used if f'"{key}' not in brought} == set()


def test_the_version_of_the_fragments_is_another_when_one_is(tmp_path: Path) -> None:
    versions: list[str] = []
    for text in ("a", "a", "b"):
        folder = tmp_path / str(len(versions))
        (folder / "texts").mkdir(parents=True)
        (folder / "fragments").mkdir()
        for lang in LANGUAGES:
            (folder / "texts" / f"{lang}.json").write_text(json.dumps({"text": text}), "utf-8")
        (folder / "fragments" / "part.html").write_text('{{ t("text") }}', "utf-8")
        versions.append(Pages(folder, debug=False).version)
    assert versions[0] == versions[1] != versions[2]


def test_a_template_is_compiled_once_for_all_languages_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_one = jinja2.Environment.compile

    def counting(self: jinja2.Environment, source: str, *rest: object) -> object:
        compiled.append(source)
        return compile_one(self, source, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", counting)
    (tmp_path / "texts").mkdir()
    for text in ("{{ lang }}", "{{ lang }}", "new {{ lang }}"):
        (tmp_path / "page.html").write_text(text, "utf-8")
        pages = Pages(tmp_path, debug=False)
        assert [pages.render("page.html", lang) for lang in LANGUAGES] == [
            text.replace("{{ lang }}", lang) for lang in LANGUAGES
        ]
    assert compiled == ["{{ lang }}", "new {{ lang }}"]


def test_an_error_text_for_a_field_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    texts = {"js.error.invalid_room": "Something.", "js.error.invalid_room.title": "The title."}
    for lang in LANGUAGES:
        (tmp_path / "texts" / f"{lang}.json").write_text(json.dumps(texts), "utf-8")
    pages = Pages(tmp_path, debug=False)
    assert pages.error_text("en", InvalidRoom(field="title")) == "The title."
    assert pages.error_text("en", InvalidRoom(field="max")) == "Something."
    assert pages.error_text("en", TooFast(retry_after=1)) == TooFast.text


def test_only_the_servers_own_texts_are_shown(pages: Pages) -> None:
    assert pages.own_error_text("ko", NoSuchRoom.text) == NoSuchRoom.text
    assert pages.own_error_text("en", NoSuchRoom.text) == pages.error_text("en", NoSuchRoom())
    for text in ("", "Send me your password", NoSuchRoom.text + " ", "no_such_room"):
        assert pages.own_error_text("ko", text) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_in_pages_is_escaped(pages: Pages, lang: Language) -> None:
    page = pages.render("error.html", lang, status=404, message="<script>alert(1)</script>", user="")
    assert "<script>alert" not in page
    assert f'<html lang="{lang}">' in page

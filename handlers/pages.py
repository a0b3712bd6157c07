"""The pages: Jinja2 templates, and the choice of the reader's language."""

import functools
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import CodeType
from typing import Final, Literal, NamedTuple

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from handlers.choices import OFFERED, USUAL, Choices
from handlers.encoding import Ending
from realtime.errors import DomainError

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

ERROR_PREFIX = "js.error."

FROM_SHELF = re.compile(r"([a-z-]+)-[0-9a-f]{32}\.")

READER: Final = ("look", "schemes", "choices")
"""What every page tells its reader alone: its root's attributes, its colour schemes, and the form to choose them."""

KEPT_READERS: Final = 64
"""More than there are choices, in all languages."""


class SharedPage(NamedTuple):
    """A page without what depends on its reader, all of which is before `ending`.

    `beginning` is the text between the holes and, at odd indexes, which hole it is.
    """

    beginning: list[str]
    ending: Ending
    digest: str

    def beginning_for(self, reader: Mapping[str, str]) -> bytes:
        """Return what comes before `ending`, with the reader's values, escaped, in the holes."""
        pieces = self.beginning
        return "".join(reader[piece] if number % 2 else piece for number, piece in enumerate(pieces)).encode()


class Compiled(jinja2.BytecodeCache):
    """Templates as compiled, in memory: once, and not for each language and each application of this process."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._codes.get(bucket.key, (None, None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key] = bucket.checksum, bucket.code


COMPILED: Final = Compiled()


def digest_of(content: bytes) -> str:
    """Return what a tag is made of."""
    return hashlib.sha256(content).hexdigest()[:32]


class Pages:
    """One application's templates and texts.

    A page's *fragments* are the markup that only its scripts can show, with the texts they need: they are the same for
    all visitors, so they are loaded apart from the page and kept, those of a part when it is first opened.
    """

    def __init__(self, folder: Path, *, static: str = "/static", bundled: Mapping[str, str] = {}, debug: bool) -> None:
        """Read the texts in `folder`/texts; with `debug`, a changed template is reloaded at its next use.

        `static` is the URL prefix of scripts, styles and pictures. `bundled` names the files to be loaded in place of
        these: in a template, `asset(name)` is the address of either.

        The texts are in {ko,en}.json and, for an area that only few pages use, in AREA.{ko,en}.json.
        """
        self._folder = folder
        self._texts: Mapping[Language, Mapping[str, str]] = {
            lang: {
                key: text
                for file in sorted((folder / "texts").glob(f"*{lang}.json"))
                for key, text in json.loads(file.read_text("utf-8")).items()
            }
            for lang in LANGUAGES
        }
        # One for each language: what the templates import from each other is then evaluated once, not for each page.
        self._environments: Mapping[Language, jinja2.Environment] = {
            lang: jinja2.Environment(
                loader=jinja2.FileSystemLoader(folder), autoescape=True, auto_reload=debug, bytecode_cache=COMPILED
            )
            for lang in LANGUAGES
        }
        for lang, environment in self._environments.items():
            environment.globals.update(
                lang=lang,
                t=self.translator(lang),
                script_texts=self._script_texts(lang),
                motif_of=self._motifs(lang),
                asset=lambda name: f"{static}/{bundled.get(name, name)}",
            )
            environment.filters["code"] = with_code
            # Korean as it is: escaped, it would be twice the size.
            environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        self.reader = functools.lru_cache(maxsize=0 if debug else KEPT_READERS)(self._make_reader)
        self.version = "debug" if debug else self._version()
        for lang, environment in self._environments.items():
            environment.globals["fragments"] = f"/fragments/{self.version}/{lang}"

    def render(self, template: str, lang: Language, **values: object) -> str:
        """Return the page `template` in `lang`, made of `values`.

        In the template, `t(key)` is a text, and `script_texts(prefix…)` all whose keys begin so.
        """
        return self._environments[lang].get_template(template).render(values)

    def shared(self, template: str, lang: Language, holes: Collection[str], **values: object) -> SharedPage:
        """Return a page without the values of `holes`."""
        mark = secrets.token_hex(16)  # which no value contains
        page = self.render(template, lang, **{hole: f"{mark}{hole};" for hole in holes}, **values)
        pieces = re.split(f"{mark}([a-z]+);", page)
        ending = pieces.pop().encode()
        return SharedPage(pieces, Ending(ending), digest_of(ending))

    def _make_reader(self, lang: Language, choices: Choices) -> Mapping[str, str]:
        """Return the values of `READER`, as HTML."""
        chosen = [(name, getattr(choices, name)) for name in ("theme", "motion", "enter")]
        look = "".join(f' data-{name}="{value}"' for name, value in chosen if value != getattr(USUAL, name))
        form = self.macro("partials/choices.html", lang, "choices_form")(OFFERED, choices)
        return dict(
            zip(READER, (Markup(look), Markup(choices.schemes), Markup(form)), strict=True)
        )  # the template escapes

    def macro(self, template: str, lang: Language, name: str) -> Callable[..., str]:
        """Return a macro of `template`; what it returns needs no more escaping."""
        macro: Callable[..., str] = getattr(self._environments[lang].get_template(template).module, name)
        return macro

    def fragments(self) -> list[str]:
        """Return the names of all fragments."""
        return sorted(path.stem for path in (self._folder / "fragments").glob("*.html"))

    def _version(self) -> str:
        """Return a fingerprint of all fragments."""
        digest = hashlib.sha256()
        for lang in LANGUAGES:
            for name in self.fragments():
                digest.update(self.render(f"fragments/{name}.html", lang).encode())
        return digest.hexdigest()[:12]

    def error_text(self, lang: Language, error: DomainError) -> str:
        """Return the text for `error`: by its field or reason, else by its code, else as on the wire."""
        texts = self._texts[lang]
        exact = error.detail.get("field", error.detail.get("reason"))
        by_code = texts.get(ERROR_PREFIX + error.code, str(error))
        return texts.get(f"{ERROR_PREFIX}{error.code}.{exact}", by_code).format(**error.detail)

    def own_error_text(self, lang: Language, text: str) -> str | None:
        """Return the translation of `text`, a text of the wire; None if this server does not produce it."""
        for error in DomainError.__subclasses__():
            if error.text == text:
                return self._texts[lang].get(ERROR_PREFIX + error.code, text)
        return None

    def translator(self, lang: Language) -> Callable[..., str]:
        """Return the function that templates have as `t`."""
        texts = self._texts[lang]

        def translate(key: str, **values: object) -> str:
            return texts[key].format(**values) if values else texts[key]

        return translate

    def _motifs(self, lang: Language) -> Callable[[str | None], str | None]:
        """Return what tells what an image shows, in words; None if that is not known."""
        texts = self._texts[lang]

        def motif_of(gif: str | None) -> str | None:
            from_shelf = FROM_SHELF.match(gif or "")
            return texts.get(f"js.motif.{from_shelf[1]}") if from_shelf else None

        return motif_of

    def _script_texts(self, lang: Language) -> Callable[..., dict[str, str]]:
        texts = self._texts[lang]
        return lambda *prefixes: {key: text for key, text in texts.items() if key.startswith(prefixes)}


def with_code(text: str) -> Markup:
    """Return a text as HTML, with what is between backticks marked as code: what people type as it stands."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def preferred_language(accept_language: str) -> Language:
    """Return the language that an Accept-Language header prefers (RFC 9110 12.5.4), else Korean."""
    best: Language = "ko"
    best_quality = 0.0
    for entry in accept_language.split(","):
        tag, _, parameters = entry.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(parameters)
        for lang in LANGUAGES:
            if primary == lang and quality > best_quality:
                best, best_quality = lang, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

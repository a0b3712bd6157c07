"""The pages: Jinja2 templates, and the choice of the reader's language."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import jinja2

from realtime.errors import DomainError

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")

SCRIPT_PREFIX = "js."  # the texts that a page's own scripts need
ERROR_PREFIX = "js.error."


class Pages:
    """One application's templates and texts."""

    def __init__(self, folder: Path, *, static: str = "/static", bundled: Mapping[str, str] = {}, debug: bool) -> None:
        """Read the texts in `folder`/texts; with `debug`, a changed template is reloaded at its next use.

        `static` is the URL prefix of scripts, styles and pictures. `bundled` names the files to be loaded in place of
        these: in a template, `asset(name)` is the address of either.

        {ko,en}.json are the texts of all pages, AREA.{ko,en}.json those of an area that only few pages use.
        """
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder), autoescape=True, auto_reload=debug
        )
        self._environment.globals["asset"] = lambda name: f"{static}/{bundled.get(name, name)}"
        # Korean as it is: escaped, it would be twice the size.
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        areas: Mapping[Language, Mapping[str, Mapping[str, str]]] = {
            lang: {
                file.name.removesuffix(f"{lang}.json").removesuffix("."): json.loads(file.read_text("utf-8"))
                for file in sorted((folder / "texts").glob(f"*{lang}.json"))
            }
            for lang in LANGUAGES
        }
        self._texts: Mapping[Language, Mapping[str, str]] = {
            lang: {key: text for texts in areas[lang].values() for key, text in texts.items()} for lang in LANGUAGES
        }
        self._script_texts = {
            lang: {
                area: {key: text for key, text in texts.items() if key.startswith(SCRIPT_PREFIX)}
                for area, texts in areas[lang].items()
            }
            for lang in LANGUAGES
        }

    def render(self, template: str, lang: Language, **values: object) -> str:
        """Return the page `template` in `lang`, made of `values`.

        In the template, `t(key)` is a text, and `script_texts(area…)` all that the scripts of these parts need.
        """
        return self._environment.get_template(template).render(
            lang=lang, t=self._translator(lang), script_texts=self._script_catalogue(lang), **values
        )

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

    def _translator(self, lang: Language) -> Callable[..., str]:
        texts = self._texts[lang]

        def translate(key: str, **values: object) -> str:
            return texts[key].format(**values) if values else texts[key]

        return translate

    def _script_catalogue(self, lang: Language) -> Callable[..., dict[str, str]]:
        by_area = self._script_texts[lang]

        def catalogue(*areas: str) -> dict[str, str]:
            return {key: text for area in ("", *areas) for key, text in by_area[area].items()}

        return catalogue


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

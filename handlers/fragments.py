"""The fragments of the pages (handlers/pages.py), by themselves.

As `.js` a fragment is a script that puts it into the page: what a page's own script needs to begin must be there when
that runs, and scripts run in their order.
"""

import json

from handlers.base import BaseHandler
from handlers.files import LASTING, REVALIDATED, content_type
from handlers.pages import LANGUAGES, Language, Pages
from realtime.errors import NotFound

NAMES = r"[0-9a-z]+/[a-z]+/[a-z]+\.(?:html|js)"


def rendered(pages: Pages) -> dict[str, bytes]:
    """Return all fragments of `pages`, by path."""
    return {
        f"/fragments/{pages.version}/{lang}/{name}.{kind}": _made(pages, lang, name, kind)
        for lang in LANGUAGES
        for name in pages.fragments()
        for kind in ("html", "js")
    }


def _made(pages: Pages, lang: Language, name: str, kind: str) -> bytes:
    html = pages.render(f"fragments/{name}.html", lang)
    if kind == "js":
        return f'document.body.insertAdjacentHTML("beforeend", {json.dumps(html, ensure_ascii=False)});\n'.encode()
    return html.encode()


class FragmentHandler(BaseHandler):
    """GET /fragments/VERSION/LANG/NAME.html or .js."""

    async def get(self, path: str) -> None:
        """Answer with the fragment, as it is now."""
        version, lang, file = path.split("/")
        name, _, kind = file.partition(".")
        chosen = next((known for known in LANGUAGES if known == lang), None)
        if version != self.pages.version or chosen is None or name not in self.pages.fragments():
            raise NotFound
        self.set_header("Content-Type", content_type(file))
        self.set_header("Cache-Control", REVALIDATED if self.site.debug else LASTING)
        self.set_header("Vary", "Accept-Encoding")
        self._send(_made(self.pages, chosen, name, kind))

"""POST /settings: what the reader chooses."""

import re
import urllib.parse
from typing import Final

import msgspec

from handlers.base import BaseHandler
from lan.names import read_authority
from realtime.chat.model import Visitor

_PATH: Final = re.compile(r"/(?![/\\])[!-~]*")
"""What leads nowhere else: browsers take two slashes, of either kind, for the beginning of another host."""


class SettingsHandler(BaseHandler):
    """POST /settings."""

    _session = ""

    def _identified(self) -> Visitor:
        """Return the visitor; their cookie is set when their choices are known."""
        known, _ = self.identity.read(self.request.headers)
        visitor, made = self.site.visitors.identify(known)
        self._session = made if made is not None else known or ""
        return visitor

    async def post(self) -> None:
        """Keep the choices that are named: in the cookie, with the session. Then show the page again."""
        choices = self.choices.changed(self.fields())
        secure = self.request.protocol == "https"
        for name, value in self.identity.given(self.request.headers, self._session, choices, secure=secure):
            self.add_header(name, value)
        if self.wants_json:
            self.json(msgspec.to_builtins(choices))
        else:
            self.redirect(self._page())

    def _page(self) -> str:
        """Return the path of the page that asks, if it is one of ours, else the lobby's."""
        try:
            asked = urllib.parse.urlsplit(self.request.headers.get("Referer", ""))
        except ValueError:
            return "/"
        page = urllib.parse.urlunsplit(("", "", asked.path, asked.query, ""))
        ours = read_authority(asked.netloc) == read_authority(self.request.host)
        return page if ours and _PATH.fullmatch(page) and asked.path != self.request.path else "/"

"""Files as they lie on the disk: our own scripts and styles, the Socket.IO client, and the images of the rooms."""

import os
from collections.abc import Mapping
from pathlib import Path

import tornado.web

from handlers.base import BaseHandler, Guard
from realtime.errors import NotFound

# Not left to the system's table of types, which differs from one computer to the next.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

LASTING = f"public, max-age={365 * 24 * 3600}, immutable"


class FileHandler(BaseHandler, tornado.web.StaticFileHandler):
    """Serves a folder's files, with an ETag and in ranges; a cache asks again before it uses one."""

    caching = "no-cache"

    def initialize(self, guards: Mapping[str, Guard], path: Path) -> None:  # type: ignore[override]  # ours, not Tornado's
        """Serve the files in the folder `path`."""
        BaseHandler.initialize(self, guards)
        tornado.web.StaticFileHandler.initialize(self, str(path))

    async def get(self, path: str, include_body: bool = True) -> None:
        """Serve a file. A folder, a path out of ours and a file deleted just now are all simply not there."""
        try:
            await super().get(path, include_body)
        except (FileNotFoundError, tornado.web.HTTPError) as error:
            raise NotFound from error

    async def head(self, path: str) -> None:  # type: ignore[override]  # these URLs have exactly one group
        """Serve its headers."""
        await self.get(path, include_body=False)

    def get_content_type(self) -> str:
        """Return the type that goes with the file's extension, nothing a browser would run for an unknown one."""
        assert self.absolute_path is not None
        return CONTENT_TYPES.get(os.path.splitext(self.absolute_path)[1], "application/octet-stream")

    def get_cache_time(self, path: str, modified: object, mime_type: str) -> int:
        """Leave it to `caching`, whatever the query is."""
        return 0

    def set_extra_headers(self, path: str) -> None:
        """Set how long a cache may keep it. The answer is the same for every reader."""
        self.set_header("Cache-Control", self.caching)
        self.clear_header("Vary")


class LastingFileHandler(FileHandler):
    """Serves them under an address that changes with them: a page that is opened again asks for none of them."""

    caching = LASTING


class FaviconHandler(FileHandler):
    """GET /favicon.ico, which browsers ask for unasked."""

    def parse_url_path(self, url_path: str) -> str:
        """Return the one icon there is."""
        return "icon.svg"


class ImageHandler(FileHandler):
    """GET /gif/NAME. A name is given once, so what is under it never changes; nothing in it may run."""

    caching = LASTING

    def compute_etag(self) -> str:
        """Return the name: no need to read the file."""
        return f'"{self.path}"'

    def set_extra_headers(self, path: str) -> None:
        """Forbid whatever a browser could take the bytes for."""
        super().set_extra_headers(path)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

"""Static files: scripts and styles, packages for browsers, and the rooms' images."""

import os
from collections.abc import Mapping
from pathlib import Path

import tornado.web

from handlers.base import BaseHandler, Guard
from realtime.errors import NotFound

# The system's table of types differs between computers.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
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
    # Beside the files of static/bundle: the same, compressed.
    ".br": "application/x-brotli",
    ".gz": "application/gzip",
}

REVALIDATED = "no-cache"
LASTING = f"public, max-age={365 * 24 * 3600}, immutable"


def content_type(name: str) -> str:
    """Return the content type of a file of this name."""
    return CONTENT_TYPES.get(os.path.splitext(name)[1], "application/octet-stream")


def compressible(content_type: str) -> bool:
    """Return whether content of this type becomes smaller."""
    return content_type.startswith(("text/", "application/json", "image/svg+xml"))


class FileHandler(BaseHandler, tornado.web.StaticFileHandler):
    """Serves a folder's files, with ETags and ranges; caches must revalidate."""

    caching = REVALIDATED
    varies = False  # whether `handlers/assets.py` compresses it

    def initialize(self, guards: Mapping[str, Guard], path: Path) -> None:  # type: ignore[override]  # ours, not Tornado's
        """Serve the files in the folder `path`."""
        BaseHandler.initialize(self, guards)
        tornado.web.StaticFileHandler.initialize(self, str(path))

    async def get(self, path: str, include_body: bool = True) -> None:
        """Serve a file. A folder, a path outside ours and a file deleted meanwhile are all not found."""
        try:
            await super().get(path, include_body)
        except (FileNotFoundError, tornado.web.HTTPError) as error:
            raise NotFound from error

    async def head(self, path: str) -> None:  # type: ignore[override]  # these URLs have exactly one group
        """Serve its headers."""
        await self.get(path, include_body=False)

    def get_content_type(self) -> str:
        """Return the content type for the file's extension; for an unknown one, a type that browsers do not run."""
        assert self.absolute_path is not None
        return content_type(self.absolute_path)

    def get_cache_time(self, path: str, modified: object, mime_type: str) -> int:
        """Use `caching`, whatever the query."""
        return 0

    def set_extra_headers(self, path: str) -> None:
        """Set how long a cache may keep the file. The response is the same for everyone."""
        self.set_header("Cache-Control", self.caching)
        self.clear_header("Vary")
        if self.varies and compressible(self.get_content_type()):
            self.set_header("Vary", "Accept-Encoding")


class ClientHandler(FileHandler):
    """Serves the Socket.IO client."""

    varies = True


class LastingFileHandler(FileHandler):
    """Serves files under a versioned URL, cached permanently: reopening a page requests none of them."""

    caching = LASTING
    varies = True


class FaviconHandler(FileHandler):
    """GET /favicon.ico, which browsers request by themselves."""

    def parse_url_path(self, url_path: str) -> str:
        """Return the path of the icon."""
        return "icon.svg"


class ImageHandler(FileHandler):
    """GET /gif/NAME. Names are never reused, so the content never changes; nothing in it may run."""

    caching = LASTING

    def compute_etag(self) -> str:
        """Return the name, which identifies the content without reading the file."""
        return f'"{self.path}"'

    def set_extra_headers(self, path: str) -> None:
        """Forbid browsers to run the bytes, whatever they take them for."""
        super().set_extra_headers(path)
        self.set_header("Content-Security-Policy", "sandbox; default-src 'none'")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

"""What answers for the desk to whoever is not the teacher: the same to any request under its path.

Whatever its path, method, origin or body are: nobody learns what there is.
"""

from typing import Any, Final

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from handlers.refusing import RefusingHandler
from handlers.site import Site
from realtime import errors

PATH: Final = "/desk"


class Locked(Matcher):
    """Matches any request under /desk from somebody who is not the teacher, but for one that brings a token."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        if request.path != PATH and not request.path.startswith(f"{PATH}/"):
            return None
        door = self._site.desk
        if door is not None and (brings_token(request) or door.cookie.read(request.headers) is not None):
            return None
        return {}


class LockedHandler(RefusingHandler):
    """Whatever `Locked` matches."""

    def refusal(self) -> errors.DomainError:
        """Say the same to everybody: that they are not the teacher, or that there is no desk."""
        return errors.NotFound() if self.site.desk is None else errors.NotTeacher()

    def error_page(self, error: errors.DomainError, status: int) -> None:
        """Answer with a page that leads to the desk.

        Who has opened it by another site's link is redirected without the new cookie, as browsers treat a Strict one.
        """
        desk = None if self.site.desk is None else PATH
        self.page("error.html", status, message=self.pages.error_text(self.lang, error), desk=desk)


def brings_token(request: HTTPServerRequest) -> bool:
    """Return whether the request wants to open the desk."""
    return request.path == PATH and request.method in ("GET", "HEAD") and "token" in request.query_arguments

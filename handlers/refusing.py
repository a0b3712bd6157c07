"""Handlers that answer whatever no other handler may: a wrong host, and a URL without a route."""

import ipaddress
from abc import ABC, abstractmethod

from tornado.http1connection import HTTP1Connection

from handlers.base import BaseHandler
from handlers.statuses import STATUS
from lan.addresses import url_of
from realtime import errors


class RefusingHandler(BaseHandler, ABC):
    """Refuses every request for the same reason, whatever else is wrong with it."""

    page_caching = "no-store"

    @abstractmethod
    def refusal(self) -> errors.DomainError:
        """Return the reason."""

    async def prepare(self) -> None:
        """Refuse, whatever the method."""
        raise self.refusal()

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Tell the reason, whatever was found first."""
        refusal = self.refusal()
        super().write_error(STATUS[type(refusal)], exc_info=(None, refusal, None))


class WrongHostHandler(RefusingHandler):
    """Every URL of a host that this server does not answer to."""

    def refusal(self) -> errors.DomainError:
        """Return that."""
        return errors.WrongHost()

    def error_page(self, error: errors.DomainError, status: int) -> None:
        """Say what to do, with nothing that the reader, perhaps a page of the internet, does not know already."""
        assert isinstance(self.request.connection, HTTP1Connection)
        stream = self.request.connection.stream
        here = stream.socket.getsockname() if stream.socket is not None else None
        address = url_of(self.request.protocol, ipaddress.ip_address(here[0]), here[1]) if here else ""
        self.page("wrong_host.html", status, host=self.request.host_name, address=address)


class NotFoundHandler(BaseHandler):
    """Every URL without a route."""

    async def prepare(self) -> None:
        """Refuse, whatever the method."""
        raise errors.NotFound

"""What the handlers need from the rest of the program."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import tornado.web
from tornado.httputil import HTTPHeaders

from handlers.desk.door import DeskDoor
from handlers.health import Health
from lan.addresses import Address
from realtime.chat.desk.seats import Seats
from realtime.chat.image_ports import ImageStore
from realtime.chat.service import ChatService
from realtime.chat.visitors import Visitors
from realtime.histogram import Histogram
from realtime.hub import Hub
from realtime.lessons.service import LessonService


@dataclass(frozen=True)
class Site:
    """Everything the handlers need from the rest of the program."""

    service: ChatService
    visitors: Visitors
    lessons: LessonService
    images: ImageStore
    health: Health
    commits: Histogram  # how long they took
    metrics_open: bool
    lang: Literal["ko", "en", "auto"]
    max_occupancy: int
    max_upload_bytes: int
    debug: bool
    version: str
    hub: Hub
    port: int
    addresses: Callable[[], Sequence[Address]]  # where others open this server, the likeliest first
    desk: DeskDoor | None  # None: there is no desk
    seats: Seats | None  # None without a desk

    def is_at_desk(self, headers: HTTPHeaders) -> bool:
        """Return whether a request with these headers comes from who has opened the teacher's desk."""
        return self.desk is not None and self.desk.cookie.read(headers) is not None


def site_of(handler: tornado.web.RequestHandler) -> Site:
    """Return the Site of the handler's application."""
    return cast(Site, handler.settings["site"])

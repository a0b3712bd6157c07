"""A room with two people, in which images are sent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.server import Server

if TYPE_CHECKING:
    from tests.browser.conftest import People


@dataclass
class Place:
    """A room with two people, shared by all tests of a file."""

    server: Server
    people: "People"
    room: str
    host: Page
    guest: Page
    visitor: str
    network: CDPSession
    """The host's."""

    def slow(self, bytes_a_second: int) -> None:
        """Limit the host's upload speed; -1 for no limit."""
        throughput = {"downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        self.network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **throughput})

    @property
    def shown(self) -> Locator:
        """The rows of the host's preview."""
        return self.host.locator("#preview .attachment")

    @property
    def underway(self) -> Locator:
        """The host's pending lines, which are not records yet."""
        return self.host.locator("#chat-list .mine[data-nonce]:not([data-seq])")

    def seen(self) -> int:
        """Wait until nothing of the host's is pending, and return the number of images that both see."""
        expect(self.underway).to_have_count(0)
        number = self.host.locator("#chat-list .mine[data-seq] img").count()
        expect(self.guest.locator("#chat-list .other img")).to_have_count(number)
        return number

    def expect_seen(self, number: int) -> None:
        """Wait until both see that many images from the host."""
        expect(self.guest.locator("#chat-list .other img")).to_have_count(number)
        expect(self.host.locator("#chat-list .mine[data-seq] img")).to_have_count(number)
        expect(self.underway).to_have_count(0)

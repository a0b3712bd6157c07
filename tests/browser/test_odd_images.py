"""Images that browsers show completely are accepted and look the same after cleaning, pixel by pixel."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from realtime.chat.images.model import ImageLimits
from realtime.chat.images.picture import finish
from realtime.chat.images.scan import scan
from realtime.errors import NotAGif
from tests.odd_images import ALL

ADDRESS = "http://localhost/"  # a secure origin, which ImageDecoder requires; no request is sent to it
POSTER_DIFFERENCE = 1  # mean, out of 255: canvases round transparent colours

LOOK = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const type = {71: "image/gif", 137: "image/png", 255: "image/jpeg", 82: "image/webp"}[bytes[0]];
  const pixels = (drawn, width, height) => {
    const context = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
    context.drawImage(drawn, 0, 0);
    return btoa(String.fromCharCode(...context.getImageData(0, 0, width, height).data));
  };
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([bytes], {type}));
  document.body.replaceChildren(image);
  if (!await image.decode().then(() => true, () => false)) return {shows: "nothing"};
  const {naturalWidth: width, naturalHeight: height} = image;
  const seen = {shows: `${width}×${height}`, first: pixels(image, width, height), frames: []};
  const decoder = new ImageDecoder({data: bytes, type});
  await Promise.allSettled([decoder.tracks.ready, decoder.completed]);
  const {frameCount, repetitionCount} = decoder.tracks.selectedTrack ?? {frameCount: 1};
  for (let frameIndex = 0; frameCount > 1 && frameIndex < frameCount; frameIndex++) {
    const {image: frame} = await decoder.decode({frameIndex, completeFramesOnly: false});
    seen.frames.push([frame.duration, pixels(frame, frame.displayWidth, frame.displayHeight)]);
    frame.close();
  }
  const plays = {0: "once", Infinity: "for ever"}[repetitionCount] ?? `${repetitionCount} times more`;
  if (frameCount > 1) seen.shows += `, ${frameCount} frames, ${plays}`;
  return seen;
}"""

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Return one page for the whole table."""

    def answer(route: Route) -> None:
        route.fulfill(body="<!doctype html><title>pictures</title>", content_type="text/html")

    context = browser.new_context()
    page = context.new_page()
    page.route(ADDRESS, answer)
    page.goto(ADDRESS)
    yield page
    context.close()


def look(page: Page, data: bytes) -> Seen:
    """Return what the browser shows: size, frames and loop as text; the first frame; each frame's time and pixels."""
    seen: Seen = page.evaluate(LOOK, base64.b64encode(data).decode())
    return seen


def difference(one: str, other: str) -> float:
    """Return the mean difference of two pictures, on white and in transparency."""
    pixels = [base64.b64decode(encoded) for encoded in (one, other)]
    assert len(pixels[0]) == len(pixels[1])

    def on_white(at: int, data: bytes) -> int:
        alpha = data[at // 4 * 4 + 3]
        return alpha if at % 4 == 3 else (data[at] * alpha + 255 * (255 - alpha)) // 255

    return sum(abs(on_white(at, pixels[0]) - on_white(at, pixels[1])) for at in range(len(pixels[0]))) / len(pixels[0])


@pytest.mark.parametrize("name", ALL)
def test_a_cleaned_image_looks_the_same_in_the_browser(page: Page, name: str) -> None:
    odd = ALL[name]
    before = look(page, odd.data)
    assert before["shows"] == odd.shows
    if odd.refused:
        with pytest.raises(NotAGif) as refusal:
            finish(scan(odd.data, ImageLimits()))
        assert refusal.value.detail == {"reason": "damaged"}
        return
    kept = finish(scan(odd.data, ImageLimits()))
    after = look(page, kept.data)
    assert after["shows"] == odd.shows and after["shows"].startswith(f"{kept.width}×{kept.height}")
    if odd.applies is not None:
        assert look(page, odd.applies)["first"] != before["first"]
    expected = before if odd.like is None else look(page, odd.like)
    assert [digest(after["first"]), *map(digest, after["frames"])] == [
        digest(expected["first"]),
        *map(digest, expected["frames"]),
    ]
    assert (kept.poster is None) == (not after["frames"])
    if kept.poster is not None:
        assert difference(look(page, kept.poster)["first"], before["first"]) < POSTER_DIFFERENCE
    again = finish(scan(kept.data, ImageLimits()))
    assert again.data == kept.data


def digest(pixels: object) -> str:
    """Return a short digest of the pixels for failure messages."""
    return hashlib.sha256(repr(pixels).encode()).hexdigest()[:8]

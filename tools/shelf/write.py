"""From frames to files: few colours, the same in all frames, and a GIF that holds only what changes."""

import io
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from PIL import Image, ImageColor

from tools.shelf.canvas import Canvas
from tools.shelf.catalogue import Loop
from tools.shelf.palette import Colour

Rgb = tuple[int, ...]

BLENDS = 14  # colours for where two meet, besides those that were drawn with


def with_few_colours(frames: Sequence[Image.Image], drawn: Iterable[Colour], blends: int = BLENDS) -> list[Image.Image]:
    """Return the frames with one palette. What was drawn keeps its exact colour; the smooth edges get the nearest."""
    counts: Counter[Rgb] = Counter()
    for frame in frames:
        for count, colour in frame.getcolors(frame.width * frame.height) or ():
            assert isinstance(colour, tuple)
            counts[colour] += count
    palette: list[Rgb] = [ImageColor.getrgb(colour) for colour in drawn]
    palette = [colour for colour in dict.fromkeys(palette) if colour in counts]
    palette += _blends(counts, set(palette), blends)
    nearest = {colour: _nearest(colour, palette) for colour in counts}
    table = [value for colour in palette for value in colour]
    return [_indexed(frame, nearest, table) for frame in frames]


def _blends(counts: Mapping[Rgb, int], drawn: Container[Rgb], most: int) -> list[Rgb]:
    # In proportion to how often each colour is there, and the rarest once.
    edges = [colour for colour in sorted(counts) if colour not in drawn for _ in range(counts[colour] // 8 + 1)]
    row = Image.new("RGB", (len(edges), 1))
    row.putdata(edges)
    mixed = row.quantize(most, Image.Quantize.MEDIANCUT, kmeans=1).convert("RGB")
    return [colour for _, colour in mixed.getcolors() or () if isinstance(colour, tuple)]


def _nearest(colour: Rgb, palette: Sequence[Rgb]) -> int:
    r, g, b = colour
    return min(
        range(len(palette)),
        key=lambda i: 2 * (palette[i][0] - r) ** 2 + 4 * (palette[i][1] - g) ** 2 + 3 * (palette[i][2] - b) ** 2,
    )


def _indexed(frame: Image.Image, nearest: dict[Rgb, int], table: list[int]) -> Image.Image:
    indexed = Image.new("P", frame.size)
    indexed.putpalette(table)
    data = frame.tobytes()
    indexed.putdata([nearest[pixel] for pixel in zip(data[0::3], data[1::3], data[2::3], strict=True)])
    return indexed


def gif(frames: Sequence[Image.Image], frame_ms: int) -> bytes:
    """Return an endless GIF of frames with one palette."""
    # Leaving out what stays as it was makes some smaller and others larger.
    return min((_gif(frames, frame_ms, optimize) for optimize in (True, False)), key=len)


def _gif(frames: Sequence[Image.Image], frame_ms: int, optimize: bool) -> bytes:
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=frame_ms, loop=0, disposal=1, optimize=optimize
    )
    return file.getvalue()


def poster(frame: Image.Image) -> bytes:
    """Return a frame as a WebP, without any loss."""
    file = io.BytesIO()
    frame.convert("RGB").save(file, "WEBP", lossless=True, quality=100, method=6)
    return file.getvalue()


def frames_of(loop: Loop) -> list[Image.Image]:
    """Draw a loop."""
    frames = []
    drawn: dict[Colour, None] = {}
    for number in range(loop.frames):
        canvas = Canvas(loop.ground.plain)
        loop.draw(canvas, (number / loop.frames + loop.start) % 1)
        frames.append(canvas.finished())
        drawn.update(canvas.colours)
    return with_few_colours(frames, drawn)

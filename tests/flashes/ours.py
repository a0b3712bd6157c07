"""What our own detector says of a sequence."""

from PIL import Image

from realtime.chat.images.film import Film
from realtime.chat.images.model import Frame, Scan
from tests.flashes.sequences import Sequence

SIZE = 32, 24


def ours(sequence: Sequence) -> bool:
    """Return whether it flashes too much when it repeats."""
    film = Film(Scan("gif", *SIZE, len(sequence.colours), b"", still=0, repeats=True))
    for colour in sequence.colours:
        film.show(Frame(0, 0, *SIZE, b"", sequence.delay_ms), Image.new("RGB", SIZE, colour))
    return film.flashes()

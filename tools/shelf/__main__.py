"""`make shelf`: draw the GIFs of static/shelf/, their posters and the catalogue that the pages read."""

import json
from pathlib import Path

from tools.shelf.canvas import SIZE
from tools.shelf.catalogue import SHELF, Loop
from tools.shelf.write import frames_of, gif, poster

FOLDER = Path(__file__).resolve().parents[2] / "static" / "shelf"


def entry(loop: Loop) -> dict[str, object]:
    """Return what the catalogue says of a GIF."""
    return {
        "name": f"{loop.name}.gif",
        "poster": f"{loop.name}.poster.webp",
        "width": SIZE,
        "height": SIZE,
        "ko": loop.ko.split(),
        "en": loop.en.split(),
    }


def catalogue() -> bytes:
    """Return the catalogue, a line for each GIF."""
    lines = ",\n  ".join(json.dumps(entry(loop), ensure_ascii=False) for loop in SHELF)
    return f"[\n  {lines}\n]\n".encode()


def files() -> dict[str, bytes]:
    """Draw all there is, by the names of the files."""
    made = {"shelf.json": catalogue()}
    for loop in SHELF:
        frames = frames_of(loop)
        made[f"{loop.name}.gif"] = gif(frames, loop.frame_ms)
        made[f"{loop.name}.poster.webp"] = poster(frames[0])
    return made


if __name__ == "__main__":
    made = files()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)
    print(f"{len(SHELF)} GIFs; {sum(map(len, made.values())) // 1024} KiB with their posters")

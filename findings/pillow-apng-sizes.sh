#!/bin/sh
# Pillow, given a smaller first frame, writes an animated PNG of the largest frame's size whose first frame is smaller.
# PNG (third edition, section 11.3.7.2) forbids that, and Chromium does not display it. Pillow reads it without a warning.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0
"$folder/venv/bin/python" -W error - <<'PROGRAM'
import io
import struct

import PIL
from PIL import Image

small, large = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (40, 30), "blue")
file = io.BytesIO()
small.save(file, "PNG", save_all=True, append_images=[large])
png = file.getvalue()
canvas = struct.unpack_from(">II", png, 16)
first = struct.unpack_from(">II", png, png.index(b"fcTL") + 8)
with Image.open(file) as read:
    read.load()
    print(f"Pillow {PIL.__version__}: a canvas of {canvas}, the first frame {first}; read as {read.size}")
raise SystemExit((canvas, first) != ((40, 30), (20, 10)))
PROGRAM

#!/bin/sh
# Pillow turns all but the 256 darkest greys white when it converts a 16-bit PNG: it clips values instead of scaling them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0
"$folder/venv/bin/python" -W error - <<'PROGRAM'
import io

import PIL
from PIL import Image

file = io.BytesIO()
Image.new("I;16", (1, 1), 0x2000).save(file, "PNG")  # an eighth of white
with Image.open(file) as image:
    seen = image.mode, image.convert("L").getpixel((0, 0)), image.convert("RGB").getpixel((0, 0))
print(f"Pillow {PIL.__version__}: 0x2000 of 0xFFFF, as mode, L and RGB: {seen}")
raise SystemExit(seen != ("I;16", 255, (255, 255, 255)))
PROGRAM

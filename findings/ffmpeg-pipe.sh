#!/bin/sh
# ffmpeg cannot seek in a pipe: an animated PNG declares 4,294,967,295 frames, so that Chromium shows a still image and
# Firefox nothing, and an animated WebP plays forever, whatever was requested. There is no warning.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imageio-ffmpeg==0.6.0
FOLDER="$folder" "$folder/venv/bin/python" - <<'PROGRAM'
import os
import pathlib
import struct
import subprocess

import imageio_ffmpeg

SOURCE = ["-f", "lavfi", "-i", "testsrc=size=32x24:rate=5:duration=1"]


def ffmpeg(*options):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *SOURCE, *options]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout, done.stderr


def frames(png):
    return struct.unpack_from(">I", png, png.index(b"acTL") + 4)[0]


def loops(webp):
    return struct.unpack_from("<H", webp, webp.index(b"ANIM") + 12)[0]


seen = {}
for kind, options, number in (("apng", [], frames), ("webp", ["-c:v", "libwebp_anim", "-loop", "3"], loops)):
    file = pathlib.Path(os.environ["FOLDER"], f"moving.{kind}")
    ffmpeg(*options, "-f", kind, str(file))
    piped, reported = ffmpeg(*options, "-f", kind, "-")
    seen[kind] = number(file.read_bytes()), number(piped), reported
print(subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-version"], capture_output=True, text=True).stdout.split("\n")[0])
print("frames of an APNG, loops of a WebP, in a file and in a pipe, and the errors reported:", seen)
raise SystemExit(seen != {"apng": (5, 2**32 - 1, b""), "webp": (3, 0, b"")})
PROGRAM

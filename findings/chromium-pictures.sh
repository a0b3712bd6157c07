#!/bin/sh
# Chromium plays an image that Pillow saved with `loop=2` three times as a GIF, but twice as an animated PNG or WebP. It
# applies the EXIF orientation to JPEG and PNG, animated too, but not to WebP, and a colour profile to a still WebP but
# not to an animated one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0 playwright==1.65.2
browser=${CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}
[ -n "$browser" ] || "$folder/venv/bin/playwright" install --with-deps chromium >&2
BROWSER="$browser" "$folder/venv/bin/python" - <<'PROGRAM'
import base64
import io
import os

from PIL import Image, ImageCms
from playwright.sync_api import sync_playwright

LOOK = """async ([encoded, type]) => {
    const data = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([data], {type}));
    await image.decode();
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.drawImage(image, 0, 0);
    const decoder = new ImageDecoder({data, type});
    await decoder.tracks.ready;
    await decoder.completed;
    const size = [image.naturalWidth, image.naturalHeight].join("x");
    return [size, decoder.tracks.selectedTrack.repetitionCount, [...context.getImageData(0, 0, 1, 1).data].join(" ")];
}"""
GREY, OTHER = Image.new("RGB", (4, 2), (128, 128, 128)), Image.new("RGB", (4, 2), "blue")
SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6
MOVING = {"save_all": True, "append_images": [OTHER], "duration": 50}

# An sRGB profile with linear curves, so that it visibly changes the colours.
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
at = profile.index(b"para")
profile[at:at + 16] = b"para" + bytes(4) + b"\0\0\0\0" + (0x10000).to_bytes(4, "big")

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"] or None, args=["--no-sandbox"])
    page = browser.new_page()
    page.route("http://localhost/", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto("http://localhost/")

    def look(kind, **options):
        file = io.BytesIO()
        GREY.save(file, kind, **options)
        return page.evaluate(LOOK, [base64.b64encode(file.getvalue()).decode(), f"image/{kind.lower()}"])

    repeats = {kind: look(kind, loop=2, **MOVING)[1] for kind in ("GIF", "PNG", "WEBP")}
    still = {kind: look(kind, exif=SIDEWAYS)[0] for kind in ("JPEG", "PNG", "WEBP")}
    moving = {kind: look(kind, exif=SIDEWAYS, **MOVING)[0] for kind in ("PNG", "WEBP")}
    lossless = {"lossless": True, "icc_profile": bytes(profile)}
    colours = [look("WEBP", **lossless)[2], look("WEBP", **lossless, **MOVING)[2], look("WEBP", lossless=True)[2]]
    print("Chromium", browser.version)
print("repeated after the first time:", repeats)
print("4x2, lying on its side:", still, "moving:", moving)
print("grey with a profile, the same moving, and without:", colours)
raise SystemExit(
    repeats != {"GIF": 2, "PNG": 1, "WEBP": 1}
    or still != {"JPEG": "2x4", "PNG": "2x4", "WEBP": "4x2"}
    or moving != {"PNG": "2x4", "WEBP": "4x2"}
    or not colours[0] != colours[1] == colours[2]
)
PROGRAM

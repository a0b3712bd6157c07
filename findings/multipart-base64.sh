#!/usr/bin/env bash
# python-multipart's Base64Decoder fails on base64 with line breaks, which MIME requires (RFC 2045, section 6.8: at most 76
# characters a line), if it arrives in several chunks: it counts line ends as characters and so splits groups of four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-multipart==0.0.34
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import io
from importlib.metadata import version

from python_multipart.decoders import Base64Decoder
from python_multipart.exceptions import DecodeError

print("python-multipart", version("python-multipart"))
CONTENT = bytes(range(200))
LINES = base64.encodebytes(CONTENT).replace(b"\n", b"\r\n")
seen = {}
for name, encoded in {"one line": base64.b64encode(CONTENT), "lines": LINES}.items():
    decoded = io.BytesIO()
    decoder = Base64Decoder(decoded)
    try:
        decoder.write(encoded[:100])
        decoder.write(encoded[100:])
        decoder.finalize()
        seen[name] = "right" if decoded.getvalue() == CONTENT else "wrong"
    except DecodeError as error:
        seen[name] = "refused"
        print(f"{name}: {error}")
print(seen)
assert seen["one line"] == "right"
assert seen["lines"] != "right"
PYTHON

#!/usr/bin/env bash
# python-multipart rejects a form with a preamble, or with white space after the first boundary; both are allowed
# (RFC 2046, section 5.1.1). White space after a later boundary is accepted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-multipart==0.0.34
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

print("python-multipart", version("python-multipart"))
PART = b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n'
BODIES = {
    "plain": b"--b\r\n" + PART + b"--b--\r\n",
    "preamble": b"A form.\r\n--b\r\n" + PART + b"--b--\r\n",
    "padding of the first boundary": b"--b \r\n" + PART + b"--b--\r\n",
    "padding of the second boundary": b"--b\r\n" + PART + b"--b \r\n" + PART + b"--b--\r\n",
}
seen = {}
for name, body in BODIES.items():
    try:
        MultipartParser(b"b").write(body)
        seen[name] = "taken"
    except MultipartParseError as error:
        seen[name] = "refused"
        print(f"{name}: {error}")
print(seen)
assert list(seen.values()) == ["taken", "refused", "refused", "taken"]
PYTHON

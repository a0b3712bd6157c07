#!/bin/sh
# The Python package colorhash calls itself a port of the JavaScript package color-hash, with the same defaults, but gives
# other colours: a server that names people by one and a page that colours them by the other never agree.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check colorhash==3.0.0
cd "$folder"
npm install --silent --no-audit --no-fund color-hash@2.0.2 >/dev/null
cat > colours.py <<'PROGRAM'
import importlib.metadata
import json
import subprocess

from colorhash import ColorHash

NAMES = [f"visitor {number}" for number in range(1000)]
SCRIPT = """
const { default: ColorHash } = require("color-hash");
const colours = new ColorHash();
console.log(JSON.stringify(JSON.parse(process.argv[1]).map((name) => colours.hex(name))));
"""

description = importlib.metadata.metadata("colorhash").get_payload()
ours = [str(ColorHash(name).hex) for name in NAMES]
theirs = json.loads(subprocess.check_output(["node", "-e", SCRIPT, json.dumps(NAMES)]))
same = sum(one == other for one, other in zip(ours, theirs))
print(f"colorhash says that it is a port of color-hash: {'port of the original' in description}")
print(f"{NAMES[0]}: colorhash 3.0.0 {ours[0]}, color-hash 2.0.2 {theirs[0]}; {same} of {len(NAMES)} are the same")
assert same < 5, "they agree now"
PROGRAM
venv/bin/python colours.py

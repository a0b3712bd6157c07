#!/bin/sh
# A msgspec.Struct with eq=False and its own __eq__ can be == and != to another at the same time.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgspec==0.22.0
"$folder/venv/bin/python" - <<'PROGRAM'
import msgspec


class ById:
    """Equal to whatever has the same id."""

    def __eq__(self, other):
        return isinstance(other, ById) and other.id == self.id

    def __hash__(self):
        return hash(self.id)


class Plain(ById):
    def __init__(self, id):
        self.id = id


class Struct(msgspec.Struct, eq=False, frozen=True):
    id: int

    def __eq__(self, other):
        return isinstance(other, Struct) and other.id == self.id

    def __hash__(self):
        return hash(self.id)


plain = Plain(1) == Plain(1), Plain(1) != Plain(1)
struct = Struct(1) == Struct(1), Struct(1) != Struct(1)
print(f"msgspec {msgspec.__version__}: == and != of an ordinary class {plain}, of a Struct {struct}")
assert plain == (True, False)
assert struct == (True, True), "!= follows a Struct's own __eq__ now"
PROGRAM

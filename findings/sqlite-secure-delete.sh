#!/usr/bin/env bash
# SQLite with PRAGMA secure_delete=ON keeps some replaced texts in its file: rows moved by a page split leave copies in the
# old page. VACUUM removes them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.53.3.0
cat > "$work/try.py" <<'PYTHON'
import random
import sys

import apsw

path = sys.argv[1]
rng = random.Random(1)
database = apsw.Connection(path)
database.execute("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON")
database.execute("CREATE TABLE texts (room INTEGER, seq INTEGER, text TEXT, PRIMARY KEY (room, seq)) WITHOUT ROWID")
live, gone = {}, []
for number in range(3000):
    key = rng.randrange(3), number
    live[key] = f"said-{number:06} " + "y" * rng.randrange(1, 600)
    database.execute("INSERT INTO texts VALUES (?, ?, ?)", (*key, live[key]))
    if number % 3 == 0:
        key = rng.choice(list(live)[-60:])
        gone.append(live[key][:12])
        live[key] = f"edit-{number:06} " + "z" * rng.randrange(1, 600)
        database.execute("UPDATE texts SET text = ? WHERE room = ? AND seq = ?", (live[key], *key))
gone = [text for text in gone if text.startswith("said-")]


def left() -> int:
    with open(path, "rb") as file:
        content = file.read()
    return sum(text.encode() in content for text in gone)


database.close()
before = left()
database = apsw.Connection(path)
database.execute("VACUUM")
database.close()
print(f"SQLite {apsw.sqlite_lib_version()}: of {len(gone)} texts replaced with secure_delete, {before} are in the file;")
print(f"after VACUUM {left()}")
sys.exit(not (before > 0 and left() == 0))
PYTHON
"$work/venv/bin/python" "$work/try.py" "$work/texts.db"

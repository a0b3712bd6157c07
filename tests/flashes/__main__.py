"""`make flashes`: have IRIS judge the sequences, and compare.

`--record` writes its verdicts; `--new N` tries N sequences more.
"""

import argparse
import contextlib
import io
import json
import secrets
import sys

import numpy
from iris_pse_detection import Configuration
from iris_pse_detection.flash_detection import FlashDetection

from tests.flashes.ours import ours
from tests.flashes.sequences import Sequence, drawn, every
from tests.flashes.verdicts import PATH, recorded

SIZE = 24, 32  # height and width


def judged(sequence: Sequence) -> bool:
    """Return whether IRIS finds too many flashes in the sequence when it repeats."""
    fps = 1000 // sequence.delay_ms
    with contextlib.redirect_stdout(io.StringIO()):
        detection = FlashDetection(fps, SIZE, Configuration())
    times = 2 + fps // len(sequence.colours)
    for position, (red, green, blue) in enumerate(sequence.colours * times):
        detection.set_current_frame(numpy.full((*SIZE, 3), (blue, green, red), dtype=numpy.uint8))
        detection.analyse_frame(position)
    return bool(detection.flash_fail)


def main() -> int:
    """Return of how many sequences the two differ, or the recorded verdict is not IRIS's."""
    asked = argparse.ArgumentParser(prog="make flashes")
    asked.add_argument("--record", action="store_true")
    asked.add_argument("--new", type=int, default=1000)
    given = asked.parse_args()
    verdicts = {name: judged(sequence) for name, sequence in every().items()}
    if given.record:
        PATH.write_text(json.dumps(verdicts, indent=0) + "\n", "utf-8")
    wrong = [f"{name}: not as recorded" for name, verdict in verdicts.items() if recorded()[name] != verdict]
    fresh = {f"seed {seed}": drawn(seed) for seed in (secrets.randbits(32) for _ in range(given.new))}
    found = 0
    for name, sequence in {**every(), **fresh}.items():
        verdict = verdicts[name] if name in verdicts else judged(sequence)
        found += verdict
        if ours(sequence) != verdict:
            wrong.append(f"{name}: IRIS says {verdict}, we do not: {sequence}")
    print(*wrong, f"{len(verdicts) + len(fresh)} sequences, {found} of which flash; {len(wrong)} differ", sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(min(main(), 1))

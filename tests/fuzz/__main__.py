"""Fuzzes one target after another; fails if an input breaks a guarantee.

`python -m tests.fuzz [--minutes 60] [--of TARGET …] [--corpus DIR]`: the minutes are for all targets together. An input
that fails is left in the corpus folder, with the name of its target; `--of TARGET --input FILE` tries it once more.
What is found on the way stays there, too, and later runs go on from it; without it they begin with the seeds.
"""

import argparse
import hashlib
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

TARGETS = (
    "engineio_packets",
    "socketio_packets",
    "json_bounds",
    "websocket_frames",
    "multipart_forms",
    "request_heads",
    "images",
    "image_metadata",
)
MOST_BYTES = {"images": 16_384, "image_metadata": 8_192}
USUAL_BYTES = 4_096
INPUT_TIMEOUT_S = 20  # for one input: hangs are found, a busy machine is not
MEMORY_MIB = 2_048
NICENESS = 19

_DONE = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+)")


class Result(NamedTuple):
    """Of one target: how many inputs were tried, the edges that they covered, and whether all held."""

    runs: int
    edges: int
    held: bool


def fuzz(target: str, seconds: int, corpus: Path) -> Result:
    """Fuzz one target in a process of its own."""
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    for seed in importlib.import_module(f"tests.fuzz.{target}").SEEDS:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    command = [sys.executable, "-m", "tests.fuzz.run", target, str(folder), f"-max_total_time={seconds}"]
    command += [f"-timeout={INPUT_TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MIB}", "-print_final_stats=1", "-verbosity=1"]
    command += [f"-max_len={MOST_BYTES.get(target, USUAL_BYTES)}", f"-artifact_prefix={corpus / target}-"]
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=lambda: os.nice(NICENESS), check=False)
    log = done.stderr.decode(errors="replace")
    found, covered = _DONE.search(log), _COVERED.findall(log)
    if done.returncode or found is None:
        print(log, file=sys.stderr)
        return Result(0, 0, held=False)
    return Result(int(found[1]), int(covered[-1]), held=True)


def main() -> None:
    """Fuzz all, or try one input."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--of", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--corpus", type=Path, default=ROOT / "artifacts" / "fuzz")
    parser.add_argument("--input", type=Path)
    options = parser.parse_args()
    if options.input is not None:
        importlib.import_module(f"tests.fuzz.{options.of[0]}").check(options.input.read_bytes())
        return
    if importlib.util.find_spec("atheris") is None:
        print("not fuzzed: atheris has no wheel for this machine and this Python (requirements-fuzz.in)")
        return
    failed = []
    for target in options.of:
        seconds = max(1, round(60 * options.minutes / len(options.of)))
        result = fuzz(target, seconds, options.corpus)
        outcome = f"{result.runs} inputs, {result.edges} edges covered" if result.held else "FAILED"
        print(f"{target}: {seconds} s, {outcome}", flush=True)
        failed += [] if result.held else [target]
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

"""The fuzzer's targets, without the fuzzer: over their seeds and simple mutations of them."""

import importlib
import random

import pytest

from tests.conftest import ROOT
from tests.fuzz.__main__ import TARGETS
from tests.fuzz.mutations import mutated

MUTATIONS = 20
CORPUS_BYTES = 32 * 1024


def test_every_target_is_listed() -> None:
    others = {"__init__", "__main__", "mutations", "pieces", "run"}
    assert {file.stem for file in (ROOT / "tests" / "fuzz").glob("*.py")} == others | set(TARGETS)


def test_the_seeds_are_small() -> None:
    assert sum(len(seed) for target in TARGETS for seed in seeds(target)) < CORPUS_BYTES


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_holds_for_its_seeds_and_what_is_made_of_them(target: str) -> None:
    check = importlib.import_module(f"tests.fuzz.{target}").check
    rng = random.Random(target)
    for seed in seeds(target):
        check(seed)
        for _ in range(MUTATIONS):
            check(mutated(seed, rng))


def seeds(target: str) -> tuple[bytes, ...]:
    found: tuple[bytes, ...] = importlib.import_module(f"tests.fuzz.{target}").SEEDS
    return found

"""Simple mutations, for where there is no fuzzer."""

import random


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """Return `seed` with some bytes changed, cut out, or repeated."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 4)):
        at, size = rng.randrange(len(data) + 1), rng.randint(1, 8)
        match rng.choice(["change", "cut", "repeat"]):
            case "change":
                data[at : at + size] = rng.randbytes(size)
            case "cut":
                del data[at : at + size]
            case "repeat":
                data[at:at] = data[at : at + size]
    return bytes(data)

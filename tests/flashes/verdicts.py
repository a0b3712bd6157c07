"""The verdicts that IRIS gave."""

import json
from pathlib import Path

PATH = Path(__file__).with_name("verdicts.json")


def recorded() -> dict[str, bool]:
    """Return whether each sequence of `sequences.every` flashes too much, by its name."""
    found: dict[str, bool] = json.loads(PATH.read_text("utf-8"))
    return found

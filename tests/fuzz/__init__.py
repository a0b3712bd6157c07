"""Coverage-guided fuzzing of everything that parses what a stranger sends: `python -m tests.fuzz`.

A target is a module with `SEEDS`, valid inputs made by our own code, and `check`, which raises AssertionError if a
guarantee does not hold for an input, and lets through every exception that its code may not raise.
"""

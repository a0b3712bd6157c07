"""One target under atheris: `python -m tests.fuzz.run TARGET CORPUS… [-libFuzzer_options]`; `tests.fuzz` starts it."""

import importlib
import sys

import atheris

INSTRUMENTED = ["handlers", "lan", "realtime", "python_multipart", "tornado.httputil", "email", "http.cookies"]


def main() -> None:
    """Fuzz until an option ends it, or an input breaks a guarantee."""
    _, target, *options = sys.argv
    with atheris.instrument_imports(include=INSTRUMENTED):
        module = importlib.import_module(f"tests.fuzz.{target}")
    atheris.Setup([sys.argv[0], *options], module.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""Run by gifchat.pyz before gifchat itself: if it cannot run here, prints why in one line."""

import sys

try:
    import msgspec  # noqa: F401  # any package with a compiled part would do
except (ImportError, SyntaxError):
    sys.exit("gifchat: this gifchat.pyz was built for @BUILT_FOR@")

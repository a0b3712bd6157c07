"""Run by gifchat.pyz before gifchat itself: says in one line why it cannot run here, where it cannot."""

import sys

try:
    import msgspec  # noqa: F401  # as good as any that has a compiled part
except (ImportError, SyntaxError):
    sys.exit("gifchat: this gifchat.pyz was built for @BUILT_FOR@")

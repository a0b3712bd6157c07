"""gifchat.py with a heartbeat of seconds, for tests that cannot wait for the real one (25 s and a 20 s timeout)."""

from functools import partial
from unittest.mock import patch

import composition
import gifchat
from realtime.engineio.server import Options

HEARTBEAT = partial(Options, ping_interval_s=1.0, ping_timeout_s=2.0)

if __name__ == "__main__":
    with patch.object(composition, "Options", HEARTBEAT):
        gifchat.main()

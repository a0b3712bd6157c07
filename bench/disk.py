"""The disk's own sync latency. Every message waits for a sync, so it is part of every other latency."""

import os
import tempfile
import time

SYNCS_PER_S = 450  # as many as messages in the classroom workload
SECONDS = 10
FRAME_BYTES = 4096 + 24  # a page in SQLite's write-ahead log
LOG_BYTES = 1000 * FRAME_BYTES  # at this size SQLite restarts the log from its beginning


def synced_ms() -> list[float]:
    """Write and sync pages; return how long each took, in milliseconds, sorted."""
    took = []
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(bytes(LOG_BYTES))
        os.fsync(file.fileno())
        start = time.perf_counter()
        for number in range(SYNCS_PER_S * SECONDS):
            time.sleep(max(0, start + number / SYNCS_PER_S - time.perf_counter()))  # as messages come
            began = time.perf_counter()
            os.pwrite(file.fileno(), bytes(FRAME_BYTES), number * FRAME_BYTES % LOG_BYTES)
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def show() -> None:
    """Print the median, the 99th percentile and the maximum."""
    took = synced_ms()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"the disk alone, ms per synced page: p50 {p50:.2f}, p99 {p99:.2f}, max {took[-1]:.2f}", flush=True)

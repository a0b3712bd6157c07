"""What the disk does by itself: every message waits for it, so its pauses are in every latency below."""

import os
import tempfile
import time

A_SECOND = 450  # as many as the classroom's messages
SECONDS = 10
FRAME_BYTES = 4096 + 24  # a page in SQLite's write-ahead log
LOG_BYTES = 1000 * FRAME_BYTES  # at this size SQLite begins at its start again


def synced_ms() -> list[float]:
    """Return how long it took, in milliseconds and in order of size, to write and sync a page, time after time."""
    took = []
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(bytes(LOG_BYTES))
        os.fsync(file.fileno())
        start = time.perf_counter()
        for number in range(A_SECOND * SECONDS):
            time.sleep(max(0, start + number / A_SECOND - time.perf_counter()))  # at the pace of the classroom
            began = time.perf_counter()
            os.pwrite(file.fileno(), bytes(FRAME_BYTES), number * FRAME_BYTES % LOG_BYTES)
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def show() -> None:
    """Print the median, the 99th percentile and the worst."""
    took = synced_ms()
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"the disk by itself, ms a page synced: p50 {p50:.2f}, p99 {p99:.2f}, most {took[-1]:.2f}", flush=True)

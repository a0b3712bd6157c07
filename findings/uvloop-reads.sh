#!/bin/sh
# uvloop reads one busy socket many times before anything else on its loop has its turn; asyncio's own loop reads it once.
# A protocol that pauses reading after each piece, and resumes in the next iteration, gives way as asyncio does.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==0.23.0
cat > "$folder/reads.py" <<'PROGRAM'
import asyncio
import socket
import threading

import uvloop

SIZE = 4 << 20


class Counter(asyncio.Protocol):
    """Counts how often it is called in each iteration of the loop."""

    def __init__(self, pauses: bool) -> None:
        self.pauses = pauses
        self.calls: list[int] = []
        self.largest = self.size = 0
        self.open = False
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        if not self.open:
            self.open = True
            self.calls.append(0)
            loop.call_soon(self.next_iteration)
        self.calls[-1] += 1
        self.largest = max(self.largest, len(data))
        self.size += len(data)
        if self.pauses:
            self.transport.pause_reading()
            loop.call_soon(self.transport.resume_reading)
        if self.size == SIZE:
            self.done.set_result(None)

    def next_iteration(self) -> None:
        self.open = False


async def most_calls(pauses: bool) -> tuple[int, int]:
    loop = asyncio.get_running_loop()
    server = socket.create_server(("127.0.0.1", 0))
    sender = socket.create_connection(server.getsockname())
    receiver, _ = server.accept()
    sending = threading.Thread(target=sender.sendall, args=(bytes(SIZE),))
    sending.start()
    await asyncio.sleep(0.5)  # the buffers are full before the first read
    receiver.setblocking(False)
    _, counter = await loop.connect_accepted_socket(lambda: Counter(pauses), receiver)
    await counter.done
    sending.join()
    counter.transport.close()
    sender.close()
    server.close()
    return max(counter.calls), counter.largest


found = {}
for name, factory in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop.new_event_loop)):
    for pauses in (False, True):
        with asyncio.Runner(loop_factory=factory) as runner:
            calls, largest = runner.run(most_calls(pauses))
        found[name, pauses] = calls
        how = "pausing after each" if pauses else "reading on"
        print(f"{name}, {how}: up to {calls} reads in one iteration, of up to {largest:,} bytes")
assert found["asyncio", False] == found["asyncio", True] == found["uvloop", True] == 1 < found["uvloop", False], "changed"
print(f"uvloop {uvloop.__version__}")
PROGRAM
"$folder/venv/bin/python" "$folder/reads.py"

"""What a lone message costs the kernel alone, in any language: a frame read, a page synced, thirty frames sent.

python -m bench.kernel  prints it. The same system calls as the server's for a message in a room of 30, in the tightest
loop, without WebSocket, JSON, SQLite or a second thread: a bound for every server that stores a message before it sends
it. Only system time counts.
"""

import os
import resource
import select
import socket
import tempfile

from bench.disk import FRAME_BYTES, LOG_BYTES
from bench.server import CLIENT_CORE, SERVER_CORE

MEMBERS = 30
MESSAGES = 10_000
SENT, DELIVERED = bytes(110), bytes(250)  # about the frames of the workload `lone`


def _connections() -> tuple[list[socket.socket], list[socket.socket]]:
    """Return both ends of the members' connections: theirs, and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs, ours = [], []
        for _ in range(MEMBERS):
            theirs.append(socket.create_connection(listener.getsockname()))
            ours.append(listener.accept()[0])
    for end in theirs + ours:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return theirs, ours


def _polling(ends: list[socket.socket]) -> select.epoll:
    poll = select.epoll()
    for end in ends:
        poll.register(end, select.EPOLLIN)
    return poll


def _talk(ends: list[socket.socket]) -> None:
    """Send messages, each when all have received the last, from each member in turn."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    poll = _polling(ends)
    by_descriptor = {end.fileno(): end for end in ends}
    for number in range(MESSAGES):
        ends[number % MEMBERS].sendall(SENT)
        missing = MEMBERS * len(DELIVERED)
        while missing:
            missing -= sum(len(by_descriptor[descriptor].recv(65536)) for descriptor, _ in poll.poll())


def _serve(ends: list[socket.socket]) -> float:
    """Answer them; return the system time used, in seconds."""
    os.sched_setaffinity(0, {SERVER_CORE})
    poll = _polling(ends)
    by_descriptor = {end.fileno(): end for end in ends}
    sends = [end.send for end in ends]
    with tempfile.TemporaryFile(buffering=0) as log:
        page, descriptor = bytes(FRAME_BYTES), log.fileno()
        log.write(bytes(LOG_BYTES))
        os.fsync(descriptor)
        began = resource.getrusage(resource.RUSAGE_SELF).ru_stime
        for number in range(MESSAGES):
            [(sender, _)] = poll.poll()
            by_descriptor[sender].recv(65536)
            os.pwrite(descriptor, page, number * FRAME_BYTES % LOG_BYTES)
            os.fdatasync(descriptor)
            for send in sends:
                send(DELIVERED)
        return resource.getrusage(resource.RUSAGE_SELF).ru_stime - began


def system_us_per_delivery() -> float:
    """Return the system time per delivery, in microseconds."""
    theirs, ours = _connections()
    pid = os.fork()
    if not pid:
        try:
            _talk(theirs)
        finally:
            os._exit(0)
    try:
        return _serve(ours) / MESSAGES / MEMBERS * 1e6
    finally:
        os.waitpid(pid, 0)


def show() -> None:
    """Print it."""
    allowed = os.sched_getaffinity(0)
    used = system_us_per_delivery()
    os.sched_setaffinity(0, allowed)
    print(f"the kernel alone, per delivery of a lone message: {used:.2f} µs of system time", flush=True)


if __name__ == "__main__":
    show()

#!/bin/sh
# When a Python process was stopped (SIGSTOP) for longer than its timeout in epoll or select, the call then returns nothing
# although something is ready to be read. So asyncio runs timers before it reads.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/program.py" <<'PROGRAM'
import asyncio
import select
import signal
import socket
import subprocess
import sys
import time


def child():
    """Wait a second for what stdin brings, by epoll and by asyncio, and tell what came."""
    stdin = socket.socket(fileno=0)
    epoll = select.epoll()
    epoll.register(stdin, select.EPOLLIN)
    print("ready", flush=True)
    print(len(epoll.poll(1)), flush=True)
    stdin.recv(1)

    async def wait():
        order = []
        both = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(stdin, lambda: (stdin.recv(1), order.append("data"), both.set()))
        loop.call_later(1, order.append, "timer")
        print("ready", flush=True)
        await both.wait()
        print(" before ".join(order), flush=True)

    asyncio.run(wait())


def stopped(process, stdin):
    """Stop the process for longer than it waits, with a byte to read, and return what it tells."""
    process.stdout.readline()
    time.sleep(0.3)  # it is waiting by now
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.3)  # it is stopped by now
    stdin.send(b"x")
    time.sleep(1.2)  # longer than its timer
    process.send_signal(signal.SIGCONT)
    return process.stdout.readline().strip()


if sys.argv[1:]:
    child()
else:
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([sys.executable, __file__, "child"], stdin=theirs, stdout=subprocess.PIPE, text=True)
    ready, order = stopped(process, ours), stopped(process, ours)
    process.wait()
    print(f"Python {sys.version.split()[0]}: {ready} ready by epoll, with a byte to read; in asyncio {order}")
    assert (ready, order) == ("0", "timer before data"), "epoll reports waiting data now"
PROGRAM
python3 "$folder/program.py"

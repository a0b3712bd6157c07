"""The benchmarks' client, which runs the workloads.

python -m bench.client WORKLOAD --port PORT --pid SERVER --rooms ID,ID,…  prints one JSON object.
"""

import argparse
import json
import resource
import select
import socket
import time

from bench.arrival import Door
from bench.crowd import BUFFER, SENT_AT, UPGRADE, Crowd, Member, chat, cpu_s, flood, masked, memory_bytes, percentile
from bench.poller import ACK, Poller

IDLE_S = 6  # two beats of the lessons, with nothing else going on
CHUNK = 100  # messages, and changes of each kind, per turn


def burst(options: argparse.Namespace) -> dict[str, float]:
    """One room of 1,000, one sender with 32 messages in flight."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 1000)
    crowd.drain()
    flood(crowd, options.pid, 32, 96)
    return flood(crowd, options.pid, 32, options.messages or 640)


def lone(options: argparse.Namespace) -> dict[str, float]:
    """One room of 30, one message in flight."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 30)
    crowd.drain()
    flood(crowd, options.pid, 1, 300)
    return flood(crowd, options.pid, 1, options.messages or 4000)


def classroom(options: argparse.Namespace) -> dict[str, float]:
    """30 rooms of 30; every member sends every 2 s."""
    crowd = Crowd(options.port)
    crowd.join([room for room in options.rooms[:30] for _ in range(30)])
    crowd.drain()
    members = list(crowd.members.values())
    seconds = options.seconds or 15
    times: list[int] = []
    got = 0

    def on_data(member: Member, n: int, deliveries: int) -> None:
        nonlocal got
        now = time.perf_counter_ns()
        got += deliveries
        times.extend(now - int(found) for found in SENT_AT.findall(BUFFER, 0, n))

    gap = 2 / len(members)
    start = time.perf_counter()
    total, cpu = int(seconds / gap), cpu_s(options.pid)
    for number in range(total):
        crowd.read_until(start + number * gap, on_data)
        # Each room gets a message 15 times a second, and each member sends one every 2 s.
        member = members[(number % 30) * 30 + (number // 30) % 30]
        member.sock.sendall(chat(member.room, number))
    crowd.pump(lambda: got >= total * 30, on_data)
    used = cpu_s(options.pid) - cpu
    return {
        "cpu_share": used / seconds,
        "cpu_us_per_delivery": used / got * 1e6,
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
    } | {f"over_{ms:g}_ms": sum(took > ms * 1e6 for took in times) / len(times) for ms in (1, 2, 5, 10, 20)}


def members(options: argparse.Namespace) -> dict[str, float]:
    """10,000 members join 300 rooms."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 20)  # the first connections load modules, which does not count
    memory, cpu, start = memory_bytes(options.pid), cpu_s(options.pid), time.perf_counter()
    count = options.messages or 10_000
    crowd.join([options.rooms[n % 300] for n in range(count)], at_once=200)
    took, used = time.perf_counter() - start, cpu_s(options.pid) - cpu
    crowd.drain(1)
    return {
        "join_cpu_ms": used / count * 1000,
        "join_ms": took / count * 1000,
        "kib_per_member": (memory_bytes(options.pid) - memory) / count / 1024,
    }


def arrivals(options: argparse.Namespace) -> dict[str, float]:
    """Clients come in as the official one does, 30 at once, into rooms of 30."""
    door = Door(options.port)
    door.let_in(options.rooms[:1] * 30, 30)
    count = options.messages or 1_500
    rooms = [options.rooms[1 + number // 30 % (len(options.rooms) - 1)] for number in range(count)]
    cpu, start = cpu_s(options.pid), time.perf_counter()
    door.let_in(rooms, 30)
    took, used = time.perf_counter() - start, cpu_s(options.pid) - cpu
    return {"arrival_cpu_ms": used / count * 1000, "arrival_ms": took / count * 1000}


def edit(room: str, ack: int, record: str) -> bytes:
    """Return an edit of the sender's own record, with as much text as a message has."""
    text = f"T{time.perf_counter_ns()};".ljust(200, "y")
    return masked(f"42/chat,{ack}{json.dumps(['edit', {'room': room, '_id': record, 'chat': text}])}")


def react(room: str, ack: int, record: str, *, on: bool = True) -> bytes:
    """Return a packet that adds or removes a reaction."""
    return masked(f"42/chat,{ack}{json.dumps(['react', {'room': room, '_id': record, 'emoji': '👍', 'on': on}])}")


def changes(options: argparse.Namespace) -> dict[str, float]:
    """As `lone`, in turns: messages, an edit of each, a reaction to each, and a storm of reactions to one of them."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 30)
    crowd.drain()
    flood(crowd, options.pid, 1, 300)
    turns = [turn(crowd, options.pid) for _ in range((options.messages or 2000) // CHUNK)]
    used = {kind: sum(one[kind] for one in turns) / len(turns) for kind in turns[0]}
    ratios = {f"{kind}_to_message": used[kind] / used["message"] for kind in ("edit", "reaction", "storm")}
    return {f"{kind}_cpu_us": cpu for kind, cpu in used.items()} | ratios


def turn(crowd: Crowd, pid: int) -> dict[str, float]:
    """Return the server's CPU time in µs for a message, and for a change of each kind."""
    ids: list[str] = []
    measured = {
        "message": flood(crowd, pid, 1, CHUNK, ids=ids),
        "edit": flood(crowd, pid, 1, CHUNK, packet=lambda room, ack: edit(room, ack, ids[ack - 1])),
        "reaction": flood(crowd, pid, 1, CHUNK, packet=lambda room, ack: react(room, ack, ids[ack - 1])),
    }
    used = {kind: figures["cpu_us_per_delivery"] * len(crowd.members) for kind, figures in measured.items()}
    return used | {"storm": storm(crowd, pid, ids[-1])}


def storm(crowd: Crowd, pid: int, record: str, each: int = 10) -> float:
    """Let each member keep `each` reactions to one record in flight; return the CPU time per reaction in µs."""
    sent = acked = 0

    def send(member: Member) -> None:
        nonlocal sent
        sent += 1
        member.sock.sendall(react(member.room, sent, record, on=sent % 2 == 0))

    def on_data(member: Member, n: int, _: int) -> None:
        nonlocal acked
        acks = BUFFER.count(ACK, 0, n)
        acked += acks
        for _ in range(min(acks, 4 * CHUNK - sent)):
            send(member)

    cpu = cpu_s(pid)
    for member in crowd.members.values():
        for _ in range(each):
            send(member)
    crowd.pump(lambda: acked >= sent, on_data)
    used = cpu_s(pid) - cpu
    crowd.drain()
    return used / sent * 1e6


def lessons(options: argparse.Namespace) -> dict[str, float]:
    """As `lone`, then again with lesson connections open: streams and WebSockets alternately."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 30)
    crowd.drain()
    flood(crowd, options.pid, 1, 300)
    alone = flood(crowd, options.pid, 1, options.messages or 4000)
    opened = [lesson(options.port, number) for number in range(options.lessons)]
    cpu = cpu_s(options.pid)
    time.sleep(IDLE_S)  # nothing is waited for: this time without messages is what is measured
    idle = (cpu_s(options.pid) - cpu) / IDLE_S
    beside = flood(crowd, options.pid, 1, options.messages or 4000)
    for connection in opened:
        connection.close()
    return {
        "p50_ms": alone["p50_ms"],
        "p99_ms": alone["p99_ms"],
        "p50_ms_beside": beside["p50_ms"],
        "p99_ms_beside": beside["p99_ms"],
        "p99_beside_to_alone": beside["p99_ms"] / alone["p99_ms"],
        "lessons_cpu_share": idle,
    }


def lesson(port: int, number: int) -> socket.socket:
    """Open a lesson connection at the default beat. It is not read: the system's buffers suffice for hours."""
    connection = socket.create_connection(("127.0.0.1", port))
    stream = f"GET /lessons/events?bytes=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    websocket = UPGRADE.format(port=port).replace("/socket.io/?EIO=4&transport=websocket", "/ws?bytes=0")
    connection.sendall((websocket if number % 2 else stream).encode())
    assert connection.recv(65536).startswith((b"HTTP/1.1 200", b"HTTP/1.1 101"))
    return connection


def polling(options: argparse.Namespace, in_flight: int = 1) -> dict[str, float]:
    """One room of 200 long-polling members; one sender by WebSocket, `in_flight` messages on their way."""
    room = options.rooms[0]
    crowd = Crowd(options.port)
    crowd.join([room])
    [sender] = crowd.members.values()
    pollers = {poller.sock.fileno(): poller for poller in (Poller(options.port, room) for _ in range(200))}
    for poller in pollers.values():
        crowd.epoll.register(poller.sock, select.EPOLLIN)
        poller.poll()
    seconds = options.seconds or 8
    sent = got = acked = 0
    start = end = time.perf_counter()
    cpu = cpu_s(options.pid)
    stop = start + seconds
    while got < sent * 200 or end < stop:
        # A response has at most 16 packets, so members fall behind a sender that waits for acks alone. gifchat closes
        # one whose queue exceeds 1 MiB; Node queues without a limit.
        while sent - acked < in_flight and sent * 200 - got < 2 * in_flight * 200 and end < stop:
            sender.sock.sendall(chat(room, sent + 1))
            sent += 1
        for fd, _ in crowd.epoll.poll(0.01):
            if fd in pollers:
                got += pollers[fd].receive()
            else:
                n = sender.sock.recv_into(BUFFER)
                sender.count(n)
                acked += BUFFER.count(ACK, 0, n)
        end = time.perf_counter()
        if end > stop + 20:
            raise SystemExit(f"deliveries are missing: {got} of {sent * 200}")
    used = cpu_s(options.pid) - cpu
    return {"deliveries_per_s": got / (end - start), "cpu_us_per_delivery": used / got * 1e6}


def polling32(options: argparse.Namespace) -> dict[str, float]:
    """As `polling`, with 32 messages in flight."""
    return polling(options, 32)


WORKLOADS = {
    "burst": burst,
    "lone": lone,
    "classroom": classroom,
    "members": members,
    "arrivals": arrivals,
    "polling": polling,
    "polling32": polling32,
    "lessons": lessons,
    "changes": changes,
}


def main() -> None:
    """Run one workload."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--rooms", type=lambda text: text.split(","), required=True)
    parser.add_argument("--messages", type=int, default=0)
    parser.add_argument("--lessons", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(WORKLOADS[options.workload](options)))


if __name__ == "__main__":
    main()

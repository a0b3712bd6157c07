"""A program that stays in a room, using python-socketio:  python member.py URL ROOM TRANSPORT…

It prints `joined` and its colour after each join, and the text of each record once. It exits at the end of its input.
"""

import sys

import requests
import socketio

url, room, *transports = sys.argv[1:]
http = requests.Session()
http.get(url).raise_for_status()
client = socketio.Client(http_session=http, reconnection_delay=0.1)
seqs = [0]


def show(record: dict[str, object]) -> None:
    seqs.append(int(str(record["seq"])))
    print(record["chat"], flush=True)


def join() -> None:
    answer = client.call("join", {"room": room, "after": seqs[-1]}, namespace="/chat")
    for record in answer["missed"]:
        show(record)
    print("joined", answer["user"], flush=True)


client.on("chat", show, namespace="/chat")
client.on("connect", lambda: client.start_background_task(join), namespace="/chat")
client.connect(url, namespaces=["/chat"], transports=transports)
sys.stdin.read()
client.disconnect()

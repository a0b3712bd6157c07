"""A visitor without a browser who makes a room and talks in it, many messages at once."""

import http.client
import json
import threading
from concurrent.futures import Future
from contextlib import ExitStack, closing

from websockets.sync.client import connect

IN_FLIGHT = 64
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Speaker:
    """A visitor in a room of their own; `room` is its ID. Used as a context manager, it leaves at the end."""

    def __init__(self, port: int, **room: object) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as server:
            server.request("GET", "/")
            answer = server.getresponse()
            answer.read()
            cookie = {"Cookie": str(answer.getheader("Set-Cookie")).partition(";")[0]}
            server.request("POST", "/room", json.dumps({"title": "긴 대화", "max": 100, **room}), JSON | cookie)
            self.room = str(json.load(server.getresponse())["_id"])
        self._numbers = 0
        self._answers: dict[int, Future[dict[str, object]]] = {}
        self._free = threading.Semaphore(IN_FLIGHT)
        url = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
        self._leaving = ExitStack()
        self._socket = self._leaving.enter_context(
            connect(url, additional_headers=cookie, proxy=None, ping_interval=None)
        )
        self._socket.recv()
        self._socket.send("40/chat,{}")
        self._socket.recv()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self.ask("join").result()

    def __enter__(self) -> "Speaker":
        return self

    def __exit__(self, *error: object) -> None:
        self._leaving.close()
        self._listener.join()

    def say(self, *texts: str) -> list[str]:
        """Say these; return the `_id` of each once all are stored."""
        answers = [self.ask("chat", chat=text) for text in texts]
        return [str(answer.result()["_id"]) for answer in answers]

    def ask(self, event: str, **argument: object) -> Future[dict[str, object]]:
        """Send an event about the room, at once unless too many are unanswered."""
        self._free.acquire()
        self._numbers += 1
        answer = self._answers[self._numbers] = Future()
        self._socket.send(f"42/chat,{self._numbers}" + json.dumps([event, {"room": self.room, **argument}]))
        return answer

    def _listen(self) -> None:
        for frame in self._socket:
            if frame == "2":
                self._socket.send("3")
            elif str(frame).startswith("43/chat,"):
                number, _, body = str(frame).removeprefix("43/chat,").partition("[")
                self._free.release()
                self._answers.pop(int(number)).set_result(json.loads(f"[{body}")[0])

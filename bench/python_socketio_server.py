"""python-socketio on uvicorn, with the same features as node_server.js. It stores nothing.

python python_socketio_server.py PORT [--joins]
"""

import datetime
import sys
from typing import Any

import socketio
import uvicorn


def make(emits_joins: bool) -> socketio.ASGIApp:
    """Return the application."""
    server = socketio.AsyncServer(async_mode="asgi", namespaces=["/chat"])
    seq = 0

    def now() -> str:
        return datetime.datetime.now(datetime.UTC).isoformat()

    async def join(sid: str, room: str) -> dict[str, Any]:
        if emits_joins:
            record = {"room": room, "user": "system", "event": "join", "subject": sid, "createdAt": now()}
            await server.emit("join", record, room=room, namespace="/chat")
        await server.enter_room(sid, room, namespace="/chat")
        return {"ok": True}

    async def chat(sid: str, request: dict[str, Any]) -> dict[str, Any]:
        nonlocal seq
        seq += 1
        room = request["room"]
        record = {"_id": str(seq), "seq": seq, "room": room, "user": sid, "createdAt": now(), "chat": request["chat"]}
        await server.emit("chat", record, room=room, namespace="/chat")
        return {"ok": True, "_id": record["_id"], "seq": seq}

    server.on("join", join, namespace="/chat")
    server.on("chat", chat, namespace="/chat")
    return socketio.ASGIApp(server)


if __name__ == "__main__":
    uvicorn.run(make("--joins" in sys.argv), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", backlog=4096)

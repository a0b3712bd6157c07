// The course's own way of using the server: its browser code must work unchanged.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";

import { url, Visitor } from "./app_support.js";

// As in the course: no auth, and the room is given by the page's address alone.
function asFromThePage(visitor, room) {
    return visitor.connect("/chat", { headers: { referer: `${url}/room/${room}` } });
}

test("chapters 1 to 3: a bare WebSocket, and news over every transport, are answered and logged", async () => {
    const visitor = await Visitor.arrive();
    const watching = await visitor.connect("/lessons");
    const lines = [];
    const logged = (text) =>
        watching.inbox.first("log", () => {
            lines.push(...watching.inbox.all("log").flat());
            return lines.some((line) => line.event === "message" && line.text === text);
        });

    async function bare() {
        const socket = new WebSocket(url.replace("http", "ws"), { headers: { cookie: visitor.cookie } });
        const [data] = await once(socket, "message");
        assert.equal(data.toString(), "서버에서 클라이언트로 메세지를 보냅니다.");
        socket.send("클라이언트에서 서버로 답장을 보냅니다.");
        await logged("클라이언트에서 서버로 답장을 보냅니다.");
        socket.close();
    }

    async function news(...transports) {
        const socket = await visitor.connect("/", { transports });
        assert.equal(await socket.inbox.first("news"), "Hello Socket.IO");
        assert.equal(socket.io.engine.transport.name, transports.at(-1));
        socket.emit("reply", `Hello Node.JS ${transports}`);
        await logged(`Hello Node.JS ${transports}`);
    }

    await Promise.all([bare(), news("polling"), news("polling", "websocket"), news("websocket")]);
});

test("a socket without auth joins the room of the page it comes from", async () => {
    const maker = await Visitor.arrive();
    const { _id: room } = await maker.room();
    const inside = await maker.enter(room);
    const guest = await Visitor.arrive();
    const socket = await asFromThePage(guest, room);
    const join = await inside.inbox.first("join");
    assert.match(join.chat, /님이 입장하셨습니다\.$/);

    const answer = await guest.post(`/room/${room}/chat`, { chat: "강의에서 왔어요" });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "ok");
    const record = await socket.inbox.first("chat");
    assert.equal(record.chat, "강의에서 왔어요");
    assert.equal(record.user, join.subject);

    socket.disconnect();
    const exit = await inside.inbox.first("exit");
    assert.match(exit.chat, /님이 퇴장하셨습니다\.$/);
});

test("a refused join by address is answered with a problem event", async () => {
    const { _id: room } = await (await Visitor.arrive()).room({ password: "비밀" });
    const socket = await asFromThePage(await Visitor.arrive(), room);
    const problem = await socket.inbox.first("problem");
    assert.deepEqual(problem, { ok: false, error: "wrong_password", message: "비밀번호가 틀렸습니다." });
});

test("a socket with auth joins no room by its address", async () => {
    const maker = await Visitor.arrive();
    const { _id: room } = await maker.room();
    const inside = await maker.enter(room);
    const guest = await Visitor.arrive();
    await guest.connect("/chat", { auth: { page: true }, headers: { referer: `${url}/room/${room}` } });
    const late = await Visitor.arrive();
    await late.enter(room);
    const join = await inside.inbox.first("join");
    assert.equal(join.members, 2);
});

test("the course's forms work", async () => {
    const visitor = await Visitor.arrive();
    const made = await visitor.post("/room", { title: "강의실", max: "10", password: "" });
    assert.equal(made.status, 302);
    const path = new URL(made.headers.get("location"), url).pathname;
    assert.match(path, /^\/room\/[0-9a-f]{24}$/);
    const page = await visitor.fetch(path);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /강의실/);

    const locked = await visitor.post("/room", { title: "잠긴 방", max: "10", password: "열쇠" });
    const guest = await Visitor.arrive();
    const door = new URL(locked.headers.get("location"), url).pathname;
    const wrong = await guest.fetch(`${door}?password=${encodeURIComponent("아님")}`);
    assert.equal(wrong.status, 302);
    assert.equal(decodeURIComponent(wrong.headers.get("location").replaceAll("+", " ")), "/?error=비밀번호가 틀렸습니다.");
    const right = await guest.fetch(`${door}?password=${encodeURIComponent("열쇠")}`);
    assert.equal(right.status, 302);
    assert.equal(right.headers.get("location"), door);
    assert.equal((await guest.fetch(door)).status, 200);
});

test("the browser's client is served by this server", async () => {
    const script = await fetch(`${url}/socket.io/socket.io.js`);
    assert.equal(script.status, 200);
    assert.match(script.headers.get("content-type"), /javascript/);
    assert.match(await script.text(), /Socket\.IO v4\.8/);
});

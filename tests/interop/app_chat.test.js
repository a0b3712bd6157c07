// The events of /chat, as the real client sees them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, settled, url, Visitor } from "./app_support.js";

const COLOUR = /^#[0-9a-f]{6}$/;

async function pair(form) {
    const [owner, guest] = [await Visitor.arrive(), await Visitor.arrive()];
    const { _id: room } = await owner.room(form);
    const first = await owner.enter(room);
    const second = await guest.enter(room);
    return { owner, guest, room, first, second };
}

test("join is answered with the room, its members and the position", async () => {
    const { room, first, second } = await pair({ title: "모두의 방", max: 3 });
    const { joined } = second;
    assert.deepEqual(Object.keys(joined).sort(), ["epoch", "members", "missed", "more", "names", "ok", "roles", "room", "seq", "user"]);
    assert.equal(joined.ok, true);
    assert.match(joined.user, COLOUR);
    assert.notEqual(joined.user, first.joined.user);
    assert.deepEqual([...joined.members].sort(), [joined.user, first.joined.user].sort());
    assert.deepEqual(joined.names, {});
    assert.deepEqual(joined.roles, {});
    assert.deepEqual(joined.missed, []);
    assert.equal(joined.more, false);
    assert.ok(joined.seq > first.joined.seq);
    assert.equal(joined.room._id, room);
    assert.equal(joined.room.members, 2);
    assert.equal(joined.room.title, "모두의 방");
    assert.equal(joined.room.password, false);
});

test("a room can be joined by its bare id", async () => {
    const visitor = await Visitor.arrive();
    const { _id } = await visitor.room();
    const socket = await visitor.enter(_id, _id);
    assert.equal(socket.joined.room._id, _id);
});

test("a join and an exit are sent to the others in the course's format", async () => {
    const { room, first, second } = await pair();
    const { user } = second.joined;
    const join = await first.inbox.first("join");
    assert.equal(join.room, room);
    assert.equal(join.user, "system");
    assert.equal(join.event, "join");
    assert.equal(join.subject, user);
    assert.equal(join.members, 2);
    assert.equal(join.chat, `${user}님이 입장하셨습니다.`);
    assert.equal(join.seq, second.joined.seq);
    assert.match(join._id, /^[0-9a-f]{24}$/);

    assert.deepEqual(await ask(second, "leave", { room }), { ok: true });
    const exit = await first.inbox.first("exit");
    assert.equal(exit.event, "exit");
    assert.equal(exit.subject, user);
    assert.equal(exit.members, 1);
    assert.equal(exit.chat, `${user}님이 퇴장하셨습니다.`);
    assert.deepEqual(second.inbox.all("join"), []);
    assert.deepEqual(second.inbox.all("exit"), []);
});

test("a chat reaches everyone in order, and its ack has its id", async () => {
    const { room, first, second } = await pair();
    const texts = Array.from({ length: 10 }, (_, number) => `안녕 ${number}`);
    const acks = await Promise.all(texts.map((chat, number) => ask(first, "chat", { room, chat, nonce: `n-${number}` })));
    assert.ok(acks.every(({ ok }) => ok), JSON.stringify(acks));

    for (const socket of [first, second]) {
        await socket.inbox.first("chat", ({ chat }) => chat === texts.at(-1));
        const records = socket.inbox.all("chat");
        assert.deepEqual(records.map(({ chat }) => chat), texts);
        assert.deepEqual(records.map(({ _id, seq }) => ({ ok: true, _id, seq })), acks);
        assert.ok(records.every(({ user }) => user === first.joined.user));
    }
    assert.deepEqual(first.inbox.all("chat").map(({ nonce }) => nonce), texts.map((_, number) => `n-${number}`));
    assert.ok(second.inbox.all("chat").every((record) => !("nonce" in record)));
});

test("a repeated nonce is the same message", async () => {
    const { room, first, second } = await pair();
    const once = await ask(first, "chat", { room, chat: "한 번", nonce: "same" });
    const again = await ask(first, "chat", { room, chat: "한 번", nonce: "same" });
    assert.deepEqual(again, once);
    await ask(first, "chat", { room, chat: "끝" });
    await second.inbox.first("chat", ({ chat }) => chat === "끝");
    assert.deepEqual(second.inbox.all("chat").map(({ chat }) => chat), ["한 번", "끝"]);
});

test("a join with `after` gets each missed record once", async () => {
    const { guest, room, first, second } = await pair();
    await ask(first, "chat", { room, chat: "전" });
    const { seq } = await second.inbox.first("chat");
    second.disconnect();
    for (const chat of ["하나", "둘", "셋"]) {
        await ask(first, "chat", { room, chat });
    }
    const back = await guest.enter(room, { room, after: seq });
    await ask(first, "chat", { room, chat: "후" });
    await back.inbox.first("chat", ({ chat }) => chat === "후");
    const chats = back.joined.missed.filter(({ user }) => user !== "system").map(({ chat }) => chat);
    assert.deepEqual(chats, ["하나", "둘", "셋"]);
    assert.equal(back.joined.more, false);
    assert.deepEqual(back.inbox.all("chat").map(({ chat }) => chat), ["후"]);
});

test("a second tab takes no place and makes no line", async () => {
    const { guest, room, first, second } = await pair({ max: 2 });
    const tab = await guest.enter(room);
    assert.equal(tab.joined.room.members, 2);
    second.disconnect();
    await ask(tab, "chat", { room, chat: "아직 여기" });
    await first.inbox.first("chat");
    assert.equal(first.inbox.all("join").length, 1);
    assert.deepEqual(first.inbox.all("exit"), []);
});

test("a full room refuses a join until a member leaves", async () => {
    const { room, second } = await pair({ max: 2 });
    const late = await (await Visitor.arrive()).connect("/chat", { auth: {} });
    const refused = await ask(late, "join", { room });
    assert.deepEqual(refused, { ok: false, error: "room_full", message: "허용 인원이 초과하였습니다." });
    await ask(second, "leave", { room });
    assert.equal((await ask(late, "join", { room })).ok, true);
});

test("of ten simultaneous joins, as many succeed as the room has places", async () => {
    const maker = await Visitor.arrive();
    const { _id: room } = await maker.room({ max: 4 });
    const visitors = await Promise.all(Array.from({ length: 10 }, () => Visitor.arrive()));
    const comers = await Promise.all(visitors.map((visitor) => visitor.connect("/chat", { auth: {} })));
    const answers = await Promise.all(comers.map((socket) => ask(socket, "join", { room })));
    assert.equal(answers.filter(({ ok }) => ok).length, 4);
    assert.ok(answers.filter(({ ok }) => !ok).every(({ error }) => error === "room_full"));
});

test("a password is required once", async () => {
    const owner = await Visitor.arrive();
    const { _id: room } = await owner.room({ password: "열려라 참깨" });
    await owner.enter(room);

    const guest = await Visitor.arrive();
    const socket = await guest.connect("/chat", { auth: {} });
    const wrong = await ask(socket, "join", { room, password: "닫혀라" });
    assert.deepEqual(wrong, { ok: false, error: "wrong_password", message: "비밀번호가 틀렸습니다." });
    assert.equal((await ask(socket, "join", { room })).error, "wrong_password");
    assert.equal((await ask(socket, "join", { room, password: "열려라 참깨" })).ok, true);
    assert.equal((await guest.enter(room)).joined.ok, true);

    const other = await Visitor.arrive();
    const entered = await other.post(`/room/${room}/enter`, { password: "열려라 참깨" });
    assert.equal(entered.status, 302);
    assert.equal(entered.headers.get("location"), `/room/${room}`);
    assert.equal((await other.enter(room)).joined.ok, true);
});

test("joining a missing room is refused", async () => {
    const socket = await (await Visitor.arrive()).connect("/chat", { auth: {} });
    const answer = await ask(socket, "join", "0123456789abcdef01234567");
    assert.deepEqual(answer, { ok: false, error: "no_such_room", message: "존재하지 않는 방입니다." });
    const problem = socket.inbox.first("problem");
    socket.emit("join", "0123456789abcdef01234567");
    assert.deepEqual(await problem, answer);
});

test("a whisper reaches its two parties and nobody else", async () => {
    const { room, first, second } = await pair();
    const third = await (await Visitor.arrive()).enter(room);
    const ack = await ask(first, "whisper", { room, to: second.joined.user, chat: "너만 봐" });
    assert.equal(ack.ok, true);
    const heard = await second.inbox.first("whisper");
    assert.equal(heard.chat, "너만 봐");
    assert.equal(heard.to, second.joined.user);
    assert.equal(heard.user, first.joined.user);
    assert.equal(heard._id, ack._id);
    await first.inbox.first("whisper");
    await settled(third);
    assert.deepEqual(third.inbox.all("whisper"), []);
    const absent = await ask(first, "whisper", { room, to: "#000000", chat: "누구?" });
    assert.equal(absent.error, "not_here");
});

test("typing is sent to the others", async () => {
    const { room, first, second } = await pair();
    second.emit("typing", { room });
    assert.deepEqual(await first.inbox.first("typing"), { room, user: second.joined.user });
    await settled(second);
    assert.deepEqual(second.inbox.all("typing"), []);
});

test("a kicked visitor stays out until readmitted", async () => {
    const { guest, room, first, second } = await pair();
    const { user } = second.joined;
    assert.equal((await ask(second, "kick", { room, user: first.joined.user })).error, "not_owner");
    assert.equal((await ask(first, "kick", { room, user: first.joined.user })).error, "bad_request");
    assert.deepEqual(await ask(first, "kick", { room, user }), { ok: true });

    const told = await second.inbox.first("kicked");
    assert.equal(told.room, room);
    const line = await first.inbox.first("kick");
    assert.equal(line.event, "kick");
    assert.equal(line.subject, user);
    assert.deepEqual(first.inbox.all("exit"), []);
    assert.equal((await ask(second, "join", { room })).error, "kicked");
    assert.equal((await guest.json("POST", `/room/${room}/chat`, { chat: "다시" })).error, "kicked");

    assert.deepEqual(await ask(first, "readmit", { room, user }), { ok: true });
    assert.equal((await ask(second, "join", { room })).ok, true);
});

test("the owner can hand the room over", async () => {
    const { room, first, second } = await pair();
    const { user } = second.joined;
    assert.deepEqual(await ask(first, "handover", { room, user }), { ok: true });
    const line = await second.inbox.first("owner");
    assert.equal(line.event, "owner");
    assert.equal(line.subject, user);
    assert.equal((await ask(first, "kick", { room, user })).error, "not_owner");
});

test("an image sent by POST reaches everyone and can be fetched", async () => {
    const { owner, room, first, second } = await pair();
    const answer = await owner.sendGif(room, { nonce: "gif-1" });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "ok");
    const record = await second.inbox.first("chat");
    assert.match(record.gif, /^[^/\\]+\.gif$/);
    assert.deepEqual([record.width, record.height], [1, 1]);
    assert.equal(record.user, first.joined.user);
    assert.equal((await first.inbox.first("chat")).nonce, "gif-1");

    const image = await fetch(`${url}/gif/${record.gif}`);
    assert.equal(image.status, 200);
    assert.equal(image.headers.get("content-type"), "image/gif");
    assert.equal(image.headers.get("x-content-type-options"), "nosniff");
    assert.match(image.headers.get("cache-control"), /immutable/);
    await image.arrayBuffer();
});

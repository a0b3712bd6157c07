// The lobby's events on /room, as the real client sees them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Visitor } from "./app_support.js";

const ROOM_KEYS = ["_id", "createdAt", "ephemeral", "kept", "max", "members", "owner", "password", "title"];

test("a new room is announced to everyone in the lobby, without its password", async () => {
    const watcher = await (await Visitor.arrive()).connect("/room");
    const maker = await Visitor.arrive();
    const made = await maker.room({ title: "비밀의 방", max: 4, password: "열려라" });

    const room = await watcher.inbox.first("newRoom", ({ _id }) => _id === made._id);
    assert.deepEqual(Object.keys(room).sort(), ROOM_KEYS);
    assert.deepEqual(room, made);
    assert.equal(room.title, "비밀의 방");
    assert.equal(room.max, 4);
    assert.equal(room.password, true);
    assert.equal(room.ephemeral, false);
    assert.equal(room.members, 0);
    assert.match(room._id, /^[0-9a-f]{24}$/);
    assert.match(room.owner, /^#[0-9a-f]{6}$/);
    assert.match(room.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("the number of members follows joins and leaves", async () => {
    const watcher = await (await Visitor.arrive()).connect("/room");
    const [one, two] = [await Visitor.arrive(), await Visitor.arrive()];
    const { _id } = await one.room();
    const is = (members) => (room) => room._id === _id && room.members === members;

    await one.enter(_id);
    await watcher.inbox.first("updateRoom", is(1));
    const second = await two.enter(_id);
    await watcher.inbox.first("updateRoom", is(2));
    second.emit("leave", { room: _id });
    const updates = () => watcher.inbox.all("updateRoom").filter((room) => room._id === _id);
    await watcher.inbox.first("updateRoom", (room) => is(1)(room) && updates().some(is(2)) && is(1)(updates().at(-1)));
});

test("deleting a room sends removeRoom once, as its last event", async () => {
    const watcher = await (await Visitor.arrive()).connect("/room");
    const maker = await Visitor.arrive();
    const { _id } = await maker.room();
    const inside = await maker.enter(_id);

    const answer = await maker.fetch(`/room/${_id}`, { method: "DELETE" });
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "ok");
    await watcher.inbox.first("removeRoom", (id) => id === _id);
    const closed = await inside.inbox.first("closed");
    assert.equal(closed.room, _id);
    assert.equal(typeof closed.message, "string");

    // The next room's events come after everything that could still follow.
    const later = await maker.room();
    await watcher.inbox.first("newRoom", (room) => room._id === later._id);
    const about = watcher.inbox.about(_id);
    assert.equal(about.filter((name) => name === "removeRoom").length, 1);
    assert.equal(about.at(-1), "removeRoom");
});

test("only the owner may delete a room", async () => {
    const { _id } = await (await Visitor.arrive()).room();
    const answer = await (await Visitor.arrive()).json("DELETE", `/room/${_id}`);
    assert.equal(answer.status, 403);
    assert.equal(answer.error, "not_owner");
});

test("a room is removed one grace time after its last member left", async () => {
    const watcher = await (await Visitor.arrive()).connect("/room");
    const maker = await Visitor.arrive();
    const { _id } = await maker.room();
    const inside = await maker.enter(_id);
    inside.disconnect();
    await watcher.inbox.first("removeRoom", (id) => id === _id);
    assert.equal((await maker.json("GET", `/room/${_id}`)).error, "no_such_room");
});

// The official client against tests/interop/app.py:  node client.js URL polling|websocket|upgrade [restart]
// Each line of output reports its progress; it exits with status 0 if everything was right.
import assert from "node:assert/strict";
import { once } from "node:events";
import { io } from "socket.io-client";

const [url, how, restart] = process.argv.slice(2);
const transports = how === "upgrade" ? ["polling", "websocket"] : [how];

const connect = (namespace, options = {}) => io(url + namespace, { transports, reconnectionDelay: 50, ...options });
const tell = (line) => process.stdout.write(`${line}\n`);
const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));

async function upgraded(socket) {
  if (how === "upgrade" && socket.io.engine.transport.name !== "websocket") await next(socket.io.engine, "upgrade");
  assert.equal(socket.io.engine.transport.name, how === "polling" ? "polling" : "websocket");
}

async function acks(socket) {
  assert.deepEqual(await socket.emitWithAck("echo", 1, "둘", { three: [null] }).then((first) => first), 1);
  await assert.rejects(socket.timeout(100).emitWithAck("never"));
  socket.once("question", (word, answer) => answer(word, Buffer.from([7])));
  const answered = await new Promise((resolve) => socket.emit("ask", "why", (...args) => resolve(args)));
  assert.deepEqual(answered, ["answered", "why", Buffer.from([7])]);
  assert.equal(await socket.emitWithAck("ask"), "timed out");
}

async function binary(socket) {
  const echoed = next(socket, "echoed");
  const sent = [Buffer.from([0, 1, 255]), { deep: [new Uint8Array(70_000).fill(9)] }, "text"];
  const acked = new Promise((resolve) => socket.emit("echo", ...sent, (...args) => resolve(args)));
  for (const [first, second, third] of [await echoed, await acked]) {
    assert.deepEqual(first, sent[0]);
    assert.deepEqual(Buffer.from(second.deep[0]), Buffer.from(sent[1].deep[0]));
    assert.equal(third, "text");
  }
}

async function large(socket) {
  const text = "안".repeat(300_000); // 900 KB
  assert.equal(await socket.emitWithAck("echo", text), text);
  const bytes = Buffer.alloc(how === "polling" ? 700_000 : 990_000, 5);
  assert.deepEqual(await socket.emitWithAck("echo", bytes), bytes);
}

async function order(socket) {
  const numbers = [];
  const all = new Promise((resolve) => {
    socket.on("number", (number) => numbers.push(number) === 500 && resolve());
  });
  socket.emit("many");
  await all;
  assert.deepEqual(numbers, [...Array(500).keys()]);
  const back = [];
  const echoed = new Promise((resolve) => socket.on("echoed", (number) => back.push(number) === 500 && resolve()));
  for (const number of numbers) socket.emit("echo", number);
  await echoed;
  assert.deepEqual(back, numbers);
  socket.off("echoed").off("number");
}

async function namespaces(socket) {
  const custom = connect("/custom", { auth: { token: "abc" } });
  assert.deepEqual(await next(custom, "auth"), [{ token: "abc" }]);
  assert.equal(custom.io, socket.io, "one connection for both");
  assert.notEqual(custom.id, socket.id);
  assert.equal(await custom.emitWithAck("echo", "here"), "here");
  const [unknown] = await next(connect("/unknown"), "connect_error");
  assert.equal(unknown.message, "Invalid namespace");
  const [refused] = await next(connect("/closed"), "connect_error");
  assert.equal(refused.message, "not today");
  assert.deepEqual(refused.data, { code: 7 });
  custom.emit("leave");
  assert.deepEqual((await next(custom, "disconnect"))[0], "io server disconnect");
  custom.connect();
  await next(custom, "auth");
  custom.disconnect();
  assert.equal(await socket.emitWithAck("echo", "still here"), "still here");
}

const socket = connect("/");
await next(socket, "connect");
await upgraded(socket);
if (restart) {
  tell("connected");
  const [reason] = await next(socket, "disconnect");
  assert.equal(reason, how === "polling" ? "transport error" : "transport close");
  await next(socket, "connect");
  assert.equal(await socket.emitWithAck("echo", "again"), "again");
  tell("reconnected");
} else {
  for (const scenario of [acks, binary, large, order, namespaces]) {
    await scenario(socket);
    tell(scenario.name);
  }
  // For a few heartbeats.
  await new Promise((resolve) => setTimeout(resolve, 1_250));
  assert.ok(socket.connected);
}
socket.disconnect();
await once(process, "beforeExit");

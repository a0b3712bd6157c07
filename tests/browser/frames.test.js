// How the frame inspector decodes frames, with literals from the protocols' specifications. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { decodeFrame, decodePacket, packetsOf } from "../../static/js/inspector/frames.js";
import { frameHeaderSize } from "../../static/js/inspector/header.js";
import { announced, answered, gist, isHeartbeat, matches } from "../../static/js/inspector/look.js";
import { tap } from "../../static/js/inspector/tap.js";
import { Tape } from "../../static/js/inspector/tape.js";

/** A frame's fields as [name, text]. */
const fieldsOf = ({ fields }) => fields.map(({ name, text }) => [name, text]);

const ENGINE = [
  ["1", "close", [["engine", "1"]]],
  ["2", "ping", [["engine", "2"]]],
  ["3", "pong", [["engine", "3"]]],
  ["2probe", "ping", [["engine", "2"], ["probe", "probe"]]],
  ["3probe", "pong", [["engine", "3"], ["probe", "probe"]]],
  ["5", "upgrade", [["engine", "5"]]],
  ["6", "noop", [["engine", "6"]]],
];

for (const [raw, engine, fields] of ENGINE) {
  test(`Engine.IO: ${raw}`, () => {
    const decoded = decodeFrame(raw);
    assert.equal(decoded.engine, engine);
    assert.equal(decoded.trouble, undefined);
    assert.deepEqual(fieldsOf(decoded), fields);
  });
}

test("Engine.IO: the handshake is explained", () => {
  const json =
    '{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
  const { engine, fields } = decodeFrame(`0${json}`);
  assert.equal(engine, "open");
  assert.deepEqual(fields[1], { name: "handshake", text: json, value: JSON.parse(json) });
});

test("Engine.IO: a payload with a binary message is split", () => {
  assert.deepEqual(packetsOf("4hello\x1e2\x1e4world"), ["4hello", "2", "4world"]);
  assert.deepEqual(decodeFrame("bAQIDBA==").fields, [{ name: "binary", text: "bAQIDBA==", value: 4 }]);
  assert.deepEqual(decodeFrame(4).fields, [{ name: "binary", text: "", value: 4 }]);
});

// As in the examples of the Socket.IO protocol.
const SOCKET = [
  ["0", { socket: "CONNECT", namespace: "/" }, ["0", ""]],
  ['0{"sid":"oSO0OpakMV_3jnilAAAA"}', { socket: "CONNECT", namespace: "/" }, ["0", "", '{"sid":"oSO0OpakMV_3jnilAAAA"}']],
  ['0/admin,{"token":"123"}', { socket: "CONNECT", namespace: "/admin" }, ["0", "/admin,", '{"token":"123"}']],
  ["1/admin,", { socket: "DISCONNECT", namespace: "/admin" }, ["1", "/admin,"]],
  ['2["foo"]', { socket: "EVENT", namespace: "/", args: ["foo"] }, ["2", "", "[", '"foo"', "]"]],
  ['2/admin,["bar"]', { socket: "EVENT", namespace: "/admin", args: ["bar"] }, ["2", "/admin,", "[", '"bar"', "]"]],
  ['212["foo"]', { socket: "EVENT", namespace: "/", id: 12, args: ["foo"] }, ["2", "", "12", "[", '"foo"', "]"]],
  ['3/admin,13["bar"]', { socket: "ACK", namespace: "/admin", id: 13, args: ["bar"] }, ["3", "/admin,", "13", "[", '"bar"', "]"]],
  ["312[]", { socket: "ACK", namespace: "/", id: 12, args: [] }, ["3", "", "12", "[", "]"]],
  ['4{"message":"Not authorized"}', { socket: "CONNECT_ERROR", namespace: "/" }, ["4", "", '{"message":"Not authorized"}']],
  [
    '52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
    {
      socket: "BINARY_EVENT",
      namespace: "/admin",
      args: ["baz", { _placeholder: true, num: 0 }, { _placeholder: true, num: 1 }],
    },
    ["5", "2-", "/admin,", "[", '"baz"', ",", '{"_placeholder":true,"num":0}', ",", '{"_placeholder":true,"num":1}', "]"],
  ],
  [
    '61-15["bar",{"_placeholder":true,"num":0}]',
    { socket: "BINARY_ACK", namespace: "/", id: 15, args: ["bar", { _placeholder: true, num: 0 }] },
    ["6", "1-", "", "15", "[", '"bar"', ",", '{"_placeholder":true,"num":0}', "]"],
  ],
  [
    String.raw`2/a,["x","[\",]",{"k":[1,{"l":"}"}]}, -1.5 ,null]`,
    { socket: "EVENT", namespace: "/a", args: ["x", '[",]', { k: [1, { l: "}" }] }, -1.5, null] },
    ["2", "/a,", "[", '"x"', ",", String.raw`"[\",]"`, ",", '{"k":[1,{"l":"}"}]}', ",", " -1.5 ", ",", "null", "]"],
  ],
];

for (const [text, meant, texts] of SOCKET) {
  test(`Socket.IO: ${text}`, () => {
    const { fields, ...decoded } = decodePacket(text);
    assert.deepEqual(decoded, { id: undefined, ...meant });
    assert.deepEqual(
      fields.map((field) => field.text),
      texts,
    );
    assert.equal(decodeFrame(`4${text}`).fields.length, fields.length + 1);
  });
}

const BROKEN = [
  ["", "empty"],
  ["7", "engine_type"],
  ["x", "engine_type"],
  ["4", "empty"],
  ["49", "socket_type"],
  ["0", "engine_data"],
  ["0[]", "engine_data"],
  ["2x", "engine_data"],
  ["6x", "engine_data"],
  ['45["x"]', "attachments"],
  ['450-["x"]', "attachments"],
  ['42["x"', "json"],
  ["42[x]", "json"],
  ["42", "event"],
  ["42{}", "event"],
  ["42[]", "event"],
  ["42[null]", "event"],
  ['42["connect"]', "reserved"],
  ['42["disconnecting"]', "reserved"],
  ["43", "ack"],
  ['431{"a":1}', "ack"],
  ["40[]", "connect"],
  ["40null", "connect"],
  ["41{}", "disconnect"],
  ["44", "error_payload"],
  ["44[]", "error_payload"],
];

for (const [raw, trouble] of BROKEN) {
  test(`broken: ${JSON.stringify(raw)}`, () => {
    const decoded = decodeFrame(raw);
    assert.equal(decoded.trouble, trouble);
    assert.equal(decoded.fields.map(({ text }) => text).join(""), raw);
  });
}

test("any frame is shown completely, whether or not it can be decoded", () => {
  const signs = '01234567-/,["a]{}:b \\'.split("");
  let seed = 1;
  const random = (most) => {
    seed = (seed * 48271) % 2147483647; // the same in every run
    return seed % most;
  };
  for (let round = 0; round < 20_000; round++) {
    const raw = Array.from({ length: random(14) }, () => signs[random(signs.length)]).join("");
    assert.equal(decodeFrame(raw).fields.map(({ text }) => text).join(""), raw);
  }
});

test("the header of a WebSocket frame has the right length (RFC 6455, 5.2)", () => {
  for (const [size, down, up] of [[0, 2, 6], [125, 2, 6], [126, 4, 8], [65_535, 4, 8], [65_536, 10, 14]]) {
    assert.equal(frameHeaderSize(size, false), down);
    assert.equal(frameHeaderSize(size, true), up);
  }
});

const record = (tape, raw, more = {}) => tape.record({ at: 0, up: false, transport: "websocket", connection: 1, raw, ...more });

test("a tape keeps the last frames, in bounded memory", () => {
  const tape = new Tape(3);
  const seen = [];
  record(tape, "2");
  const stop = tape.listen(({ number }) => seen.push(number));
  for (const raw of ["3", "4한", 7]) record(tape, raw);
  assert.deepEqual(
    tape.frames.map(({ number, size }) => [number, size]),
    [[2, 1], [3, 4], [4, 7]],
  );
  stop();
  assert.deepEqual(seen, [2, 3, 4]);
  record(tape, 7, { transport: "polling" });
  assert.equal(tape.frames.at(-1).size, 13);

  const large = new Tape();
  for (let count = 0; count < 60; count++) record(large, "4".padEnd(300_000, "x"));
  assert.equal(large.frames.at(-1).size, 300_000);
  assert.ok(large.frames.reduce((sum, { raw }) => sum + raw.length, 0) <= 2_000_000);
  large.clear();
  assert.equal(large.frames.length, 0);
});

const FILTER = { up: true, down: true, heartbeat: true, type: "", namespace: "" };

test("a filter selects frames", () => {
  const through = (raw, change, up = false) => matches({ up }, decodeFrame(raw), { ...FILTER, ...change });
  assert.ok(through('42/chat,["x"]', {}));
  assert.ok(!through("2", { down: false }));
  assert.ok(through("3", { down: false }, true));
  assert.ok(!through("3", { up: false }, true));
  assert.ok(!through("2", { heartbeat: false }));
  assert.ok(through("2probe", { heartbeat: false }));
  assert.ok(isHeartbeat(decodeFrame("3")));
  assert.ok(through("6", { type: "engine" }));
  assert.ok(!through('42["x"]', { type: "engine" }));
  assert.ok(through('42["x"]', { type: "EVENT" }));
  assert.ok(!through('43["x"]', { type: "EVENT" }));
  assert.ok(through('42/chat,["x"]', { namespace: "/chat" }));
  assert.ok(!through('42["x"]', { namespace: "/chat" }));
  assert.ok(through('42["x"]', { namespace: "/" }));
});

test("an acknowledgement is linked to its event, and an attachment to its packet", () => {
  const tape = new Tape();
  for (const [raw, up] of [
    ['42/chat,1["a"]', true],
    ['42/room,1["b"]', true],
    ['42/chat,1["c"]', false],
    ["43/chat,1[]", false],
    ['452-["d",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', false],
    [5, false],
    ["2", false],
    [6, false],
    [7, false],
  ]) {
    record(tape, raw, { up });
  }
  const [first, , , ack, , one, , two, three] = tape.frames;
  assert.equal(answered(tape.frames, ack, decodeFrame(ack.raw)), first);
  assert.equal(answered(tape.frames, first, decodeFrame(first.raw)), undefined);
  assert.deepEqual([announced(tape.frames, one)?.index, announced(tape.frames, two)?.index], [1, 2]);
  assert.equal(announced(tape.frames, two)?.frame.number, 5);
  assert.equal(announced(tape.frames, three), undefined);
});

test("a frame is summarised in one line", () => {
  assert.deepEqual(gist(decodeFrame('42["chat",{"a":1},2]')), { event: "chat", rest: '{"a":1}, 2' });
  assert.deepEqual(gist(decodeFrame('431["x"]')), { event: "", rest: '"x"' });
  assert.deepEqual(gist(decodeFrame('40{"sid":"s"}')), { event: "", rest: '{"sid":"s"}' });
  assert.deepEqual(gist(decodeFrame("2")), { event: "", rest: "" });
  assert.deepEqual(gist(decodeFrame(12)), { event: "", rest: "12 B" });
  assert.equal(gist(decodeFrame(`42["x","${"y".repeat(500)}"]`)).rest.length, 201);
});

/** The emitter that `tap` listens to, like engine.io-client and its manager. */
class Teller {
  #listeners = {};
  transport = { name: "polling" };
  on(event, listener) {
    this.#listeners[event] ??= [];
    this.#listeners[event].push(listener);
  }
  tell(event, argument) {
    for (const listener of this.#listeners[event] ?? []) listener(argument);
  }
}

test("a tap records each packet once, when it goes out, over every connection", async () => {
  const tape = new Tape();
  const manager = new Teller();
  const first = new Teller();
  manager.engine = first;
  tap({ io: manager }, tape);
  tap({ io: manager }, tape); // another namespace
  first.tell("packet", { type: "open", data: "{}" });
  first.tell("packetCreate", { type: "message", data: "0/chat,{}" });
  assert.equal(tape.frames.length, 1);
  first.tell("upgrading", { name: "websocket" });
  first.transport = { name: "websocket" };
  first.tell("upgrade");
  first.tell("flush");
  first.tell("packet", { type: "message", data: new Uint8Array(3).buffer });
  first.tell("packet", { type: "error", data: "parser error" });

  manager.tell("reconnect_attempt");
  const second = new Teller();
  manager.engine = second;
  await Promise.resolve();
  manager.tell("open");
  second.tell("packet", { type: "ping" });
  assert.deepEqual(
    tape.frames.map(({ raw, up, transport, connection }) => [raw, up, transport, connection]),
    [
      ["0{}", false, "polling", 1],
      ["2probe", true, "websocket", 1],
      ["3probe", false, "websocket", 1],
      ["5", true, "websocket", 1],
      ["40/chat,{}", true, "websocket", 1],
      [3, false, "websocket", 1],
      ["?parser error", false, "websocket", 1],
      ["2", false, "polling", 2],
    ],
  );
});

// The models of the teacher's desk, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Flags } from "../../static/js/desk/flags.js";
import { LaterActs, UNDO_MS } from "../../static/js/desk/later_acts.js";
import { isTooMuch, linesOf, nextTitle } from "../../static/js/desk/lines.js";
import { logText } from "../../static/js/desk/log_text.js";
import { DeskRooms, seated } from "../../static/js/desk/rooms.js";

const ids = (rooms) => rooms.map(({ _id }) => _id).join("");
const room = (_id, more = {}) => ({ _id, title: _id, kept: false, people: [], last: [], ...more });

test("prepared rooms are first, in their order, then the newest", () => {
  const rooms = new DeskRooms();
  rooms.replace([room("y"), room("b", { position: 2 }), room("x"), room("a", { position: 1 })]);
  rooms.put(room("y", { title: "changed" }));
  assert.equal(ids(rooms.all), "abyx");
  assert.equal(rooms.get("y").title, "changed");
  rooms.put(room("z"));
  rooms.put(room("c", { position: 3 }));
  assert.equal(ids(rooms.all), "abczyx");
  rooms.put(room("a", { position: 4 }));
  rooms.remove("b");
  assert.equal(ids(rooms.all), "cazyx");
});

test("a kept room is moved among the others, and not beyond them", () => {
  const rooms = new DeskRooms();
  rooms.replace([...["a", "b", "c"].map((id) => room(id, { kept: true })), room("gone")]);
  assert.deepEqual(rooms.moved("c", -1), ["a", "c", "b"]);
  assert.deepEqual(rooms.moved("a", 2), ["b", "c", "a"]);
  for (const [id, by] of [["a", -1], ["c", 1], ["b", 0], ["gone", -1]]) assert.equal(rooms.moved(id, by), null);
  rooms.arrange(["c", "a"]);
  assert.deepEqual(rooms.all.map(({ _id, position }) => `${_id}${position ?? ""}`), ["c1", "a2", "b", "gone"]);
});

test("a pupil in two rooms is one, with the name and the seat that either knows", () => {
  const rooms = new DeskRooms();
  rooms.replace([
    room("a", { people: [{ user: "#1", present: true }, { user: "#2", present: true }] }),
    room("b", { people: [{ user: "#1", name: "Mia", seat: "7", present: false, muted: true }] }),
  ]);
  const pupils = rooms.pupils();
  assert.equal(pupils.size, 2);
  const { name, seat, places } = pupils.get("#1");
  assert.deepEqual([name, seat], ["Mia", "7"]);
  assert.deepEqual(places.map(({ present, muted }) => [present, muted]), [[true, false], [false, true]]);
});

test("a room is found by its title, and by whoever is in it", () => {
  const rooms = new DeskRooms();
  rooms.replace([
    room("a", { title: "1모둠 바다", people: [{ user: "#1", seat: "12", present: true }] }),
    room("b", { title: "질문방", people: [{ user: "#2", present: true }] }),
  ]);
  const callings = (user) => (user === "#2" ? ["하은", "파란 고래"] : ["분홍 양"]);
  const found = (typed) => ids(rooms.found(typed, callings));
  assert.deepEqual(["", "바다", "하은", "고래", "12", "ㅈㅁ", "없음"].map(found), ["ab", "a", "b", "b", "a", "b", ""]);
});

test("people sit by their cards, those without one after them, those who are away last", () => {
  const people = [
    { user: "away", seat: "1", present: false },
    { user: "none", present: true },
    { user: "ten", seat: "10", present: true },
    { user: "two", seat: "2", present: true },
  ];
  assert.deepEqual(seated(people).map(({ user }) => user), ["two", "ten", "none", "away"]);
});

const flag = (held, where = "r") => ({ held, room: where, user: "#1", why: "word" });
const waiting = (...held) => {
  const flags = new Flags();
  for (const id of held) flags.add(flag(id));
  return flags;
};
const shown = (flags) => `${flags.flags.map(({ held }) => held).join("")}>${flags.current?.held ?? ""}`;

test("the keys mean the first that waits, then the one after what was decided", () => {
  const flags = waiting("a", "b", "c");
  assert.equal(shown(flags), "abc>a");
  flags.move(1);
  flags.remove("b");
  assert.equal(shown(flags), "ac>c");
  flags.remove("c");
  assert.equal(shown(flags), "a>a");
  flags.remove("a");
  assert.equal(shown(flags), ">");
  flags.move(1);
});

test("what comes or is decided elsewhere moves nothing from under the keys", () => {
  const flags = waiting("a", "b", "c");
  flags.choose("b");
  flags.remove("a");
  assert.equal(flags.add(flag("d")), true);
  assert.equal(flags.add(flag("c")), false);
  assert.equal(shown(flags), "bcd>b");
  flags.move(9);
  assert.equal(shown(flags), "bcd>d");
  flags.move(-9);
  assert.equal(shown(flags), "bcd>b");
});

test("what is set aside comes back to its place and is meant then; with its room, it is gone", () => {
  const flags = waiting("a", "b", "c");
  flags.setAside("a");
  assert.equal(shown(flags), "bc>b");
  flags.putBack("a");
  assert.equal(shown(flags), "abc>a");
  flags.setAside("b");
  flags.clear(); // told anew after a reconnect
  for (const id of ["a", "b"]) assert.equal(flags.add(flag(id)), false);
  assert.equal(shown(flags), "a>a");
  flags.add(flag("x", "other"));
  flags.removeRoom("r");
  assert.equal(shown(flags), "x>x");
});

function clock() {
  const timers = new Map();
  const acts = new LaterActs(
    (act, ms) => {
      assert.equal(ms, UNDO_MS);
      timers.set(timers.size, act);
      return timers.size - 1;
    },
    (timer) => timers.delete(timer),
  );
  const pass = () => {
    for (const act of [...timers.values()]) act();
  };
  return { acts, pass };
}

test("what cannot be undone is done ten seconds later, unless it is taken back", () => {
  const { acts, pass } = clock();
  const done = [];
  assert.ok(acts.add("delete a", () => done.push("a")));
  assert.ok(!acts.add("delete a", () => done.push("again")));
  acts.add("delete b", () => done.push("b"), () => done.push("not b"));
  assert.ok(acts.takeBack("delete b"));
  assert.ok(!acts.takeBack("delete b"));
  assert.ok(acts.has("delete a"));
  pass();
  assert.deepEqual(done, ["not b", "a"]);
  assert.ok(!acts.takeBack("delete a"));
});

test("leaving the page does all that waits, at once and once; what was done elsewhere is not done again", () => {
  const { acts, pass } = clock();
  const done = [];
  for (const key of ["a", "b", "c"]) acts.add(key, () => done.push(key));
  acts.drop("b");
  acts.runAll();
  pass();
  assert.deepEqual(done, ["a", "c"]);
});

test("what the server would refuse of a list of words is told before", () => {
  const many = (count, length) => Array.from({ length: count }, (_, at) => String(at).padStart(length, "가"));
  for (const words of [[], ["가".repeat(100)], ["😀".repeat(100)], many(50_000, 5)]) assert.ok(!isTooMuch(words));
  for (const words of [["가".repeat(101)], many(50_001, 5), many(50_000, 9)]) assert.ok(isTooMuch(words));
});

test("a list of words has each line once; the next room is numbered on", () => {
  assert.deepEqual(linesOf(" 바보 \n\nspam\r\n바보\n"), ["바보", "spam"]);
  assert.deepEqual(["모둠 1", "Group 9 (a)", "Questions", "7"].map(nextTitle), ["모둠 2", "Group 10 (a)", "", "8"]);
});

const TEXTS = {
  "js.desk.log.freeze": "all frozen",
  "js.desk.log.freeze_off": "all free",
  "js.desk.log.freeze_in": "{title} frozen",
  "js.desk.log.mute_off": "{user} speaks",
  "js.desk.log.mute": "{user} {minutes}",
  "js.desk.log.allow.rooms_off": "no rooms",
  "js.desk.log.names_user": "{user} nameless",
  "js.desk.log.names": "names",
};
const say = {
  t: (key, values = {}) => (TEXTS[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(values[name])),
  called: (user) => `<${user}>`,
};
const ENTRIES = [
  [{ did: "freeze", room: null, on: true }, "all frozen"],
  [{ did: "freeze", on: false }, "all free"],
  [{ did: "freeze", room: "r", title: "Sea", on: true }, "Sea frozen"],
  [{ did: "mute", user: "#1", seat: "7", minutes: 10 }, "<#1> (7) 10"],
  [{ did: "mute", user: "#1", name: "Mia", minutes: 0 }, "Mia speaks"],
  [{ did: "allow", what: "rooms", on: false }, "no rooms"],
  [{ did: "names", user: "#1" }, "<#1> nameless"],
  [{ did: "names", on: true }, "names"],
  [{ did: "unheard", title: "Sea" }, "unheard · Sea"],
];

for (const [entry, text] of ENTRIES) {
  test(`the log says ${text}`, () => assert.equal(logText({ at: "", ...entry }, say), text));
}

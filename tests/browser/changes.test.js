// Changes of records in the page's models. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { RoomLink } from "../../static/js/room/link.js";
import { quoteOf } from "../../static/js/room/quote.js";
import { given } from "../../static/js/room/reactions.js";
import { Timeline } from "../../static/js/room/timeline.js";

const SAID = { _id: "a", seq: 7, user: "#1", chat: "one" };
const EDITED = { ...SAID, chat: "two", rev: 9 };
const DELETED = { _id: "a", seq: 7, user: "#1", deleted: "sender", rev: 12 };

/** What each of `states`, in this order, causes: a new line, a redrawn one, or nothing; and the state shown at the end. */
function shown(states) {
  const timeline = new Timeline();
  const told = [];
  let last;
  for (const state of states) {
    timeline.note(state);
    const record = timeline.newest(state);
    const { fresh, changed } = timeline.add(record);
    told.push(fresh ? "line" : changed ? "again" : "nothing");
    if (fresh || changed) last = record;
  }
  return [told.join(" "), last];
}

const ORDERS = [
  [[SAID, EDITED, DELETED], "line again again"],
  [[SAID, DELETED, EDITED], "line again nothing"],
  [[DELETED, SAID, EDITED], "line nothing nothing"],
  [[EDITED, EDITED, DELETED, DELETED], "line nothing again nothing"],
  [[SAID, SAID, DELETED, SAID], "line nothing again nothing"],
];

for (const [states, told] of ORDERS) {
  test(`the later of two states wins, in the order ${states.map(({ rev }) => rev ?? "none")}`, () => {
    assert.deepEqual(shown(states), [told, DELETED]);
  });
}

test("a change received before its record is applied when an older answer brings the record", () => {
  const timeline = new Timeline();
  timeline.add({ seq: 20 });
  assert.ok(timeline.note(DELETED));
  assert.ok(!timeline.note(EDITED));
  assert.ok(!timeline.note(DELETED));
  assert.equal(timeline.newest(SAID), DELETED);
  assert.deepEqual(timeline.add(timeline.newest(SAID)), { fresh: true, changed: false, settled: null });
});

test("records drawn by the server have the number of their change", () => {
  const timeline = new Timeline();
  timeline.add({ seq: 7, rev: 9 });
  assert.ok(!timeline.add(EDITED).changed);
  assert.ok(timeline.add(DELETED).changed);
});

test("a change of one's own pending message settles it, as the message would", () => {
  const timeline = new Timeline();
  timeline.pend("n");
  assert.deepEqual(timeline.add({ ...DELETED, nonce: "n" }), { fresh: true, changed: false, settled: "n" });
  assert.equal(timeline.acknowledge("n", 7), "unknown");
});

// The quoted message, as in the reply and as shown on the page, when the original was changed with number 12.
const REPLIES = [
  ["a reply from before the change", {}, DELETED, quoteOf(DELETED)],
  ["a reply that has itself changed before it", { rev: 11 }, DELETED, quoteOf(DELETED)],
  ["a reply told anew after it", { rev: 13, re: quoteOf(DELETED) }, DELETED, quoteOf(DELETED)],
  ["a reply told anew after a later change, not told here yet", { rev: 13, re: quoteOf(EDITED) }, DELETED, quoteOf(EDITED)],
  ["a reply said after it", { seq: 14, re: quoteOf(DELETED) }, EDITED, quoteOf(DELETED)],
  ["a reply to something else", { re: quoteOf({ ...SAID, _id: "c" }) }, DELETED, quoteOf({ ...SAID, _id: "c" })],
];

for (const [what, reply, original, quote] of REPLIES) {
  test(`a quote shows the latest known state: ${what}`, () => {
    const timeline = new Timeline();
    timeline.note(original);
    const told = { _id: "b", seq: 8, user: "#2", chat: "reply", re: quoteOf(SAID), ...reply };
    assert.deepEqual(timeline.newest(told).re, quote);
  });
}

test("a quote shows the beginning of the text, the image, or who deleted it", () => {
  const who = { _id: "a", seq: 7, user: "#1" };
  assert.deepEqual(quoteOf({ ...who, chat: "👍".repeat(200) }), { ...who, chat: "👍".repeat(140) });
  assert.deepEqual(quoteOf({ ...who, gif: "0.gif", width: 1 }), { ...who, gif: "0.gif" });
  assert.deepEqual(quoteOf({ ...who, chat: "caption", gif: "0.gif" }), { ...who, chat: "caption" });
  assert.deepEqual(quoteOf(DELETED), { ...who, deleted: "sender" });
});

const FEW = { "👍": { count: 2, users: ["#1", "#2"] }, "🎉": { count: 1, users: ["#3"] } };
const MANY = { "👍": { count: 60, users: ["#8", "#9"] } };
const PRESSED = [
  ["by what it is told", { reactions: FEW, mine: ["🎉"] }, [], ["🎉"]],
  ["by who gave it, where it is not told", { reactions: FEW }, [], ["👍"]],
  ["not any longer, where all are named without it", { reactions: FEW }, ["🎉"], ["👍"]],
  ["as before, where not all are named", { reactions: MANY }, ["👍"], ["👍"]],
  ["as before, where not all are named: not", { reactions: MANY }, [], []],
  ["not any longer, where it is told so", { reactions: MANY, mine: [] }, ["👍"], []],
  ["not what is gone", {}, ["👍"], []],
];

for (const [what, record, before, mine] of PRESSED) {
  test(`a reader's own reactions: ${what}`, () => {
    const all = given(record, "#1", before);
    assert.deepEqual(all.map(({ emoji }) => emoji), Object.keys(record.reactions ?? {}));
    assert.deepEqual(all.flatMap(({ emoji, mine }) => (mine ? emoji : [])), mine);
  });
}

/** A page's link, on a socket that answers each join with the next of `answers`. */
function linked(answers) {
  const heard = new Map();
  const joins = [];
  const told = { said: [], missed: [], records: [], updates: [] };
  const socket = {
    on: (event, listener) => heard.set(event, listener),
    io: { on: () => {} },
    timeout: () => ({
      emit(_event, { after }, answered) {
        joins.push(after.seq);
        answered(null, { ok: true, more: false, missed: [], seq: 0, ...answers.shift() });
      },
    }),
  };
  const link = new RoomLink(socket, "r", { epoch: "e", seq: 10 }, {
    onMissed(missed, said) {
      told.missed.push(...missed);
      told.said.push(...said);
    },
    onRecord: (record) => told.records.push(record),
    onUpdate: (record) => told.updates.push(record),
    onFarBehind: () => false,
    onJoined: () => {},
    onLost: () => {},
  });
  const tell = (event, ...of) => heard.get(event)(...of);
  return { link, joins, told, tell };
}

test("a page continues from the latest message or change it has seen", () => {
  const { link, joins, told, tell } = linked([{ seq: 12 }, {}]);
  tell("connect");
  tell("chat", { room: "r", seq: 13 });
  tell("update", { room: "r", seq: 3, rev: 15 });
  tell("update", { room: "r", seq: 4, rev: 14 }); // late
  tell("update", { room: "other", seq: 5, rev: 99 });
  assert.equal(link.seq, 15);
  tell("disconnect", "transport close");
  tell("connect");
  assert.deepEqual(joins, [10, 15]);
  assert.deepEqual(told.updates.map(({ seq }) => seq), [3, 4]);
});

test("a message changed while the page was away does not count as new", () => {
  const missed = [
    [{ seq: 4, rev: 11 }, { seq: 12 }],
    [{ seq: 5, rev: 20 }, { seq: 13, rev: 21 }],
  ];
  const { joins, told, tell } = linked([{ missed: missed[0], seq: 19, more: true }, { missed: missed[1], seq: 22 }]);
  tell("connect");
  assert.deepEqual(joins, [10, 19]);
  assert.deepEqual(told.missed, missed.flat());
  assert.deepEqual(told.said.map(({ seq }) => seq), [12, 13]);
});

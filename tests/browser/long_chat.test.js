// A long chat: which of its records the page shows, and how it fetches the others. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { History } from "../../static/js/room/history.js";
import { fetchNewer } from "../../static/js/room/newer.js";
import { RecentRecords } from "../../static/js/room/recent.js";
import { MAX_LINES, ShownRange } from "../../static/js/room/shown_range.js";
import { Timeline } from "../../static/js/room/timeline.js";

const upTo = (count, first = 1) => Array.from({ length: count }, (_, index) => first + index);

/** A range that shows the records from `first` to `last`. */
function showing(first, last, end = Infinity) {
  const range = new ShownRange(first, end);
  for (const seq of upTo(last - first + 1, first)) range.add(seq);
  return range;
}

const PLACES = [
  [99, Infinity, "older"],
  [100, Infinity, "inside"],
  [900, Infinity, "inside"],
  [200, 200, "inside"],
  [201, 200, "newer"],
];

for (const [seq, end, place] of PLACES) {
  test(`record ${seq} is ${place} in a range from 100 to ${end}`, () => {
    assert.equal(new ShownRange(100, end).where(seq), place);
  });
}

// `first` and `last`: what is shown before; `reader`: what is being read; `kept`: what is shown after.
const TRIMS = [
  { what: "few enough records", first: 1, last: 300, reader: 1, kept: [1, 300], live: true },
  { what: "at the end, few enough", first: 1, last: 150, reader: Infinity, kept: [1, 150], live: true },
  { what: "at the end, many at once", first: 1, last: 151, reader: Infinity, kept: [32, 151], live: true },
  { what: "at the end, few enough but for folded ones", first: 1, last: 250, reader: Infinity, folded: 100, kept: [1, 250], live: true },
  { what: "at the end, far too many folded ones", first: 1, last: 301, reader: Infinity, folded: 290, kept: [32, 301], live: true },
  { what: "at the top, newer ones", first: 1, last: 350, reader: 51, kept: [1, 300], live: false },
  { what: "below the middle, older ones", first: 1, last: 350, reader: 300, kept: [51, 350], live: true },
  { what: "in the middle, at both ends", first: 1, last: 800, reader: 400, kept: [250, 549], live: false },
  { what: "far too many at the end", first: 1, last: 5000, reader: Infinity, kept: [4881, 5000], live: true },
  { what: "what is read has no number", first: 1, last: 301, reader: 9999, kept: [2, 301], live: true },
];

for (const { what, first, last, reader, folded, kept, live } of TRIMS) {
  test(`a range drops what is farthest from the reader: ${what}`, () => {
    const range = showing(first, last);
    const dropped = new Set(range.trim(reader, MAX_LINES, folded));
    const left = upTo(last - first + 1, first).filter((seq) => !dropped.has(seq));
    assert.deepEqual([left[0], left.at(-1)], kept);
    assert.equal(left.length, range.size);
    assert.ok(range.size <= MAX_LINES);
    assert.equal(range.live, live);
    for (const seq of dropped) assert.equal(range.where(seq), seq < kept[0] ? "older" : "newer");
  });
}

test("a range goes down with fewer lines while others wait to be sent", () => {
  const range = showing(1, 300);
  range.trim(Infinity, 290);
  assert.ok(range.size <= 290);
  range.trim(Infinity, 1);
  assert.equal(range.size, 1);
});

test("a range grows at both ends and keeps late records in order", () => {
  const range = showing(100, 110, 110);
  range.startAt(50);
  for (const seq of [50, 70]) range.add(seq);
  range.endAt(200);
  range.add(150);
  range.add(120);
  range.add(120);
  assert.equal(range.size, 15);
  assert.deepEqual(range.trim(Infinity, 52), []);
  assert.deepEqual(range.trim(150, 13), [50, 70]);
  assert.deepEqual([range.start, range.end], [71, 200]);
  range.endAt(Infinity);
  assert.ok(range.live);
});

const said = (seq, more = {}) => ({ _id: `id${seq}`, seq, user: "#1", chat: `${seq}`, ...more });

test("recent records are kept in order, each once, up to a maximum", () => {
  const recent = new RecentRecords(10, 3, "#1");
  assert.equal(recent.last, 10);
  assert.deepEqual([10, 12, 11, 12].map((seq) => recent.add(said(seq))), [false, true, true, false]);
  assert.deepEqual(recent.after(10, 9).map(({ seq }) => seq), [11, 12]);
  assert.equal(recent.since, 10);
  for (const seq of [13, 14]) recent.add(said(seq));
  assert.equal(recent.since, 11);
  assert.equal(recent.last, 14);
  assert.deepEqual(recent.after(12, 1).map(({ seq }) => seq), [13]);
  assert.deepEqual(recent.before(14, 1).map(({ seq }) => seq), [13]);
  assert.equal(recent.add(said(11)), false); // it has been dropped: the server tells of it
});

test("recent records are as they are now, and so is what they quote", () => {
  const recent = new RecentRecords(0, 9, "#1");
  recent.add(said(1));
  recent.add(said(2, { re: { _id: "id1", seq: 1, user: "#1", chat: "1" } }));
  recent.change(said(1, { chat: "edited", rev: 3 }));
  assert.equal(recent.before(2, 1)[0].chat, "edited");
  assert.equal(recent.after(1, 1)[0].re.chat, "edited");
  recent.change(said(1, { chat: undefined, deleted: "sender", rev: 4 }));
  assert.equal(recent.before(2, 1)[0].chat, undefined);
  assert.deepEqual(recent.after(1, 1)[0].re, { _id: "id1", seq: 1, user: "#1", deleted: "sender" });
  recent.change(said(7)); // not here
  assert.equal(recent.after(0, 9).length, 2);
});

test("recent records keep the reader's own reactions when a change does not tell them", () => {
  const recent = new RecentRecords(0, 9, "#1");
  recent.add(said(1));
  recent.setOwnReactions(1, ["👍"]);
  const crowd = { "👍": { count: 60, users: ["#2"] }, "🎉": { count: 1, users: ["#2"] } };
  recent.change(said(1, { reactions: crowd, rev: 2 }));
  assert.deepEqual(recent.after(0, 1)[0].mine, ["👍"]);
  recent.change(said(1, { reactions: crowd, mine: [], rev: 3 }));
  assert.deepEqual(recent.after(0, 1)[0].mine, []);
});

/** Answers like GET /room/ID/chats; `asked` counts the requests. */
function server(seqs, limit = 200) {
  const answering = {
    asked: 0,
    async ask(before) {
      answering.asked++;
      const older = seqs.filter((seq) => seq < before);
      return { chats: older.slice(-limit).map((seq) => said(seq)), more: older.length > limit };
    },
  };
  return answering;
}

const ROOMS = [
  ["alone on its server", upTo(5000)],
  ["one of a hundred", upTo(600).map((index) => index * 100)],
  ["silent for long", [...upTo(300), ...upTo(300, 1_000_000)]],
  ["in bursts", upTo(30).flatMap((burst) => upTo(250, burst * 10_000))],
];

for (const [what, seqs] of ROOMS) {
  test(`all newer records are found without a gap, in a room ${what}`, async () => {
    const { asked, ask } = server(seqs);
    assert.equal(asked, 0);
    const [from, to] = [seqs[0], seqs.at(-1)];
    const found = [from];
    let [end, step, pages] = [from, undefined, 0];
    while (end < to) {
      const answer = await fetchNewer(ask, end, to, 80, step);
      assert.ok(answer.end > end);
      found.push(...answer.chats.map(({ seq }) => seq));
      ({ end, step } = answer);
      pages++;
    }
    assert.deepEqual(found, seqs);
    assert.ok(pages <= seqs.length / 20, `${pages} pages`);
  });
}

test("a search for newer records asks seldom where they are evenly spread", async () => {
  const answering = server(ROOMS[1][1]);
  let [end, step] = [100, undefined];
  while (end < 60_000) ({ end, step } = await fetchNewer(answering.ask, end, 60_000, 80, step));
  assert.ok(answering.asked < 16, `${answering.asked} requests`);
});

test("nothing newer is found where there is nothing", async () => {
  const { ask } = server([5]);
  assert.deepEqual((await fetchNewer(ask, 5, 900_000, 80)).chats, []);
  assert.equal((await fetchNewer(ask, 5, 900_000, 80)).end, 900_000);
});

/** An older button that is always in sight while it is shown; `seen` looks again. */
class Sight {
  constructor(seen) {
    this.seen = seen;
  }
  observe(button) {
    queueMicrotask(() => this.seen([{ isIntersecting: !button.hidden }]));
  }
  unobserve() {}
}

test("a reader on the way to the top gets each page once, the next being fetched while one is drawn", async () => {
  globalThis.IntersectionObserver = Sight;
  const happened = [];
  const older = { hidden: false, addEventListener() {} };
  const conversation = { range: { start: 1000 }, receiveOlder };
  const arrived = new Promise((resolve) => (conversation.atTop = resolve));
  async function ask(before, limit) {
    happened.push(`ask ${before}`);
    const first = Math.max(1, before - limit);
    return { chats: Array.from({ length: before - first }, (_, at) => ({ seq: first + at })), more: first > 1 };
  }
  function receiveOlder(chats, more) {
    happened.push(`draw ${chats[0].seq}-${chats.at(-1).seq}`);
    if (chats[0].seq === 350) conversation.range = { start: 300 }; // another part of the room is shown
    else conversation.range.start = chats[0].seq;
    older.hidden = !more;
    if (!more) conversation.atTop();
  }
  new History(ask, conversation, {}, { older, newer: { hidden: true, addEventListener() {} } });
  await arrived;
  assert.deepEqual(happened, [
    ...["ask 1000", "draw 950-999"], // a reader who may stop here
    ...["ask 950", "ask 750", "draw 750-949", "ask 550", "draw 550-749", "ask 350", "draw 350-549"],
    ...["ask 300", "ask 100", "draw 100-299", "draw 1-99"],
  ]);
});

test("where only folded lines are left, and none more fits, nothing is asked for again until the reader wants it", async () => {
  globalThis.IntersectionObserver = Sight;
  const asked = [];
  let press = () => {};
  const older = { hidden: false, addEventListener: (_, listener) => (press = listener) };
  const range = { start: 1000 };
  const receiveOlder = (chats, _, reader) => {
    if (reader === 1000) range.start = chats[0].seq;
  };
  const ask = async (before) => {
    asked.push(before);
    return { chats: [{ seq: before - 50 }], more: true };
  };
  new History(ask, { range, receiveOlder }, {}, { older, newer: { hidden: true, addEventListener() {} } });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  await settled();
  assert.deepEqual(asked, [1000]);
  press();
  await settled();
  assert.deepEqual(asked.slice(0, 3), [1000, 1000, 950]);
});

test("a record that is no longer shown needs a line again", () => {
  const timeline = new Timeline();
  for (const seq of [1, 2]) timeline.add({ seq, rev: 5 });
  timeline.forget([1]);
  assert.equal(timeline.add({ seq: 1, rev: 5 }).fresh, true);
  assert.equal(timeline.add({ seq: 2, rev: 5 }).fresh, false);
  timeline.clear();
  assert.equal(timeline.add({ seq: 2, rev: 5 }).fresh, true);
});

test("what was sent is settled by its record, also where that is not shown", () => {
  const timeline = new Timeline();
  timeline.pend("n");
  timeline.pend("m");
  timeline.acknowledge("m", 8);
  assert.equal(timeline.settle({ seq: 7, nonce: "n" }), "n");
  assert.equal(timeline.settle({ seq: 8 }), "m");
  assert.equal(timeline.settle({ seq: 8, nonce: "m" }), null);
  assert.deepEqual(timeline.pending, []);
});

test("a timeline remembers only the latest changes", () => {
  const timeline = new Timeline();
  for (const rev of upTo(1002, 2000)) timeline.note(said(rev - 1999, { chat: "now", rev }));
  assert.equal(timeline.newest(said(1, { chat: "then" })).chat, "then");
  assert.equal(timeline.newest(said(3, { chat: "then" })).chat, "now");
});

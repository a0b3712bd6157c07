// The page's models, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Refusal, failureOf } from "../../static/js/http.js";
import { LobbyPage } from "../../static/js/lobby/page.js";
import { Rooms } from "../../static/js/lobby/rooms.js";
import { excerpt, pieces } from "../../static/js/room/excerpt.js";
import { Members } from "../../static/js/room/members.js";
import { patchOf } from "../../static/js/room/patch.js";
import { fileName, sizeWithin } from "../../static/js/room/pictures/file.js";
import { Search } from "../../static/js/room/search.js";
import { Timeline } from "../../static/js/room/timeline.js";
import { Pulse, Typists } from "../../static/js/room/typists.js";
import { mayBeWhisper, parseWhisper } from "../../static/js/room/whisper_command.js";

const STORAGE = { error: "storage", message: "저장할 수 없습니다." };
const ANSWERS = [
  ["ours: the disk is full", 507, STORAGE, "storage"],
  ["ours: a defect", 500, { error: "internal", message: "…" }, "internal"],
  ["a proxy's, whose server restarts", 502, null, null],
  ["a proxy's, whose server is away", 503, "<html>", null],
  ["a proxy's, whose server stalls", 504, { message: "try again" }, null],
  ["a proxy's, to which it is too large", 413, null, "internal"],
];

for (const [what, status, body, code] of ANSWERS) {
  test(`an answer of ${status} is ${code ? "final" : "none"}: ${what}`, () => {
    const failure = failureOf(status, body);
    assert.equal(failure instanceof Refusal ? failure.problem.error : null, code);
  });
}

// "bare": the record without its nonce, as on another visitor's page or in the history.
const ARRIVALS = [
  ["ack", "event", "post"],
  ["event", "ack", "post"],
  ["post", "event", "ack"],
  ["ack", "bare", "event"],
  ["bare", "ack"],
  ["ack", "bare"],
  ["event", "event", "ack"],
];

for (const arrivals of ARRIVALS) {
  test(`a sent message is one line in any order of arrival: ${arrivals.join(", ")}`, () => {
    const timeline = new Timeline();
    timeline.pend("n");
    let fresh = 0;
    let settled = 0;
    for (const arrival of arrivals) {
      if (arrival === "ack") {
        settled += Number(timeline.acknowledge("n", 7) === "settled");
      } else {
        const outcome = timeline.add(arrival === "bare" ? { seq: 7 } : { seq: 7, nonce: "n" });
        fresh += Number(outcome.fresh);
        settled += Number(outcome.settled === "n");
      }
    }
    assert.deepEqual({ fresh, settled }, { fresh: 1, settled: 1 });
  });
}

test("joins, leaves and changes of owner are each reported once", () => {
  const members = new Members("#1");
  members.replace(["#3", "#1"], "#1");
  assert.ok(members.apply({ event: "join", subject: "#2" }));
  assert.ok(!members.apply({ event: "join", subject: "#2" }));
  assert.deepEqual(members.inOrder("#2"), ["#1", "#2", "#3"]);
  assert.deepEqual(members.others("#2"), ["#3", "#1"]);

  assert.ok(members.apply({ event: "owner", subject: "#3" }));
  assert.ok(!members.apply({ event: "owner", subject: "#3" }));
  assert.ok(members.apply({ event: "exit", subject: "#1" }));
  assert.deepEqual(members.inOrder("#3"), ["#3", "#2"]);
  assert.ok(members.apply({ event: "kick", subject: "#2" }));
  assert.ok(!members.apply({}));
  assert.equal(members.count, 1);
});

test("an absent owner is not in the list", () => {
  const members = new Members("#9");
  members.replace(["#2", "#1"], "#9");
  assert.deepEqual(members.inOrder("#1"), ["#1", "#2"]);
});

test("rooms are listed newest first, whatever date the server's clock gave them", () => {
  const rooms = new Rooms();
  const listed = () => rooms.inOrder().map(({ _id }) => _id);
  for (const [_id, createdAt] of [["1", "2031"], ["2", "2026"], ["3", "2026"]]) rooms.put({ _id, createdAt });
  rooms.put({ _id: "1", createdAt: "2031", members: 2 });
  assert.deepEqual(listed(), ["3", "2", "1"]);
  rooms.remove("3");
  rooms.replace([{ _id: "9", createdAt: "1" }, { _id: "8", createdAt: "2" }]);
  rooms.put({ _id: "7", createdAt: "0" });
  assert.deepEqual(listed(), ["7", "9", "8"]);
});

test("the rooms that the teacher has put in an order are listed before the others", () => {
  const rooms = new Rooms();
  const listed = () => rooms.inOrder().map(({ _id }) => _id);
  rooms.replace([{ _id: "a", position: 1 }, { _id: "b", position: 2 }, { _id: "9" }, { _id: "8" }]);
  rooms.put({ _id: "10" });
  assert.deepEqual(listed(), ["a", "b", "10", "9", "8"]);
  rooms.put({ _id: "8", position: 1 });
  rooms.put({ _id: "b" });
  rooms.put({ _id: "a", position: 2 });
  assert.deepEqual(listed(), ["8", "a", "10", "b", "9"]);
});

const numbered = (from, to) => Array.from({ length: from - to + 1 }, (_, place) => ({ _id: `${from - place}` }));
const idsOf = (rooms) => rooms.map(({ _id }) => _id);

test("the lobby's first page shows the newest rooms", () => {
  const page = new LobbyPage(0, 3, ["5", "4", "3"]);
  assert.deepEqual(idsOf(page.of(numbered(7, 1))), ["7", "6", "5"]);
  assert.deepEqual(page.range(7), { first: 0, last: 3, total: 7, newer: 0, older: 2 });
  assert.deepEqual(idsOf(page.of(numbered(2, 1))), ["2", "1"]);
  assert.deepEqual(page.range(2), { first: 0, last: 2, total: 2, newer: 0, older: 0 });
});

test("another page of the lobby stays where it is while rooms come and go", () => {
  const page = new LobbyPage(3, 3, ["5", "4", "3"]);
  assert.deepEqual(idsOf(page.of(numbered(8, 1))), ["5", "4", "3"]);
  assert.deepEqual(page.range(8), { first: 3, last: 6, total: 8, newer: 1, older: 3 });
  // A new room elsewhere moves nothing; the pages before and after leave none out.
  assert.deepEqual(idsOf(page.of(numbered(10, 1))), ["5", "4", "3"]);
  assert.deepEqual(page.range(10), { first: 5, last: 8, total: 10, newer: 2, older: 3 });
  // The first one's end moves the others up, and the next one follows.
  assert.deepEqual(idsOf(page.of(numbered(10, 1).filter(({ _id }) => _id !== "5"))), ["4", "3", "2"]);
  // All of them ended at once: the rooms in their place, or those of the last page.
  assert.deepEqual(idsOf(page.of(numbered(20, 11))), ["15", "14", "13"]);
  assert.deepEqual(idsOf(page.of(numbered(105, 101))), ["102", "101"]);
  assert.deepEqual(page.range(5), { first: 3, last: 5, total: 5, newer: 1, older: 0 });
  assert.deepEqual(idsOf(page.of([])), []);
  assert.deepEqual(page.range(0), { first: 0, last: 0, total: 0, newer: 0, older: 0 });
});

const PRESENT = ["#a1b2c3", "#a1ffff", "#00ff00"];
const ADDRESSES = [
  ["/w #00ff00 안녕", { to: "#00ff00", chat: "안녕" }],
  ["/w 00 안녕", { to: "#00ff00", chat: "안녕" }],
  ["/W #A1B two  words\nand lines", { to: "#a1b2c3", chat: "two  words\nand lines" }],
  ["/w\n#00 x", { to: "#00ff00", chat: "x" }],
  ["/w #a1b2c3", { to: "#a1b2c3", chat: "" }],
  ["/w #a1 which", { problem: "several" }],
  ["/w #ff nobody", { problem: "nobody" }],
  ["/w # nobody", { problem: "nobody" }],
  ["/w #a1b2c3 \u3164\u200b", { to: "#a1b2c3", chat: "" }],
  ["/w", { problem: "nobody" }],
  ["/wow", null],
  ["/ w #00ff00 x", null],
  ["say /w #00ff00 x", null],
  ["#00ff00", null],
];

for (const [text, meant] of ADDRESSES) {
  test(`a whisper command: ${JSON.stringify(text)}`, () => assert.deepEqual(parseWhisper(text, PRESENT), meant));
}

const CALLED = {
  "#a1b2c3": ["민아", "파란 고래"],
  "#a1ffff": ["Jun Ho", "Teal cat"],
  "#00ff00": ["Jun", "Teal cow"],
  "#0000ff": ["a1ffff", "Red fox"],
};
const NAMED = [
  ["/w 민아 안녕", { to: "#a1b2c3", chat: "안녕" }],
  ["/w 민아", { to: "#a1b2c3", chat: "" }],
  ["/w ＪＵＮ  hi  there", { to: "#00ff00", chat: "hi  there" }],
  ["/w jun ho hi", { to: "#a1ffff", chat: "hi" }],
  ["/w Jun  Ho", { to: "#a1ffff", chat: "" }],
  ["/w Jun\nHo hum", { to: "#a1ffff", chat: "hum" }],
  ["/w 파란 고래 안녕", { to: "#a1b2c3", chat: "안녕" }],
  ["/w 파란 안녕", { to: "#a1b2c3", chat: "안녕" }],
  ["/w ju hi", { problem: "several" }],
  ["/w teal hi", { problem: "several" }],
  ["/w mina hi", { problem: "nobody" }],
  ["/w a1ffff hi", { problem: "several" }],
  ["/w #a1ffff hi", { to: "#a1ffff", chat: "hi" }],
  ["/w 00 hi", { problem: "several" }],
  ["/w 00f hi", { to: "#00ff00", chat: "hi" }],
];

for (const [text, meant] of NAMED) {
  test(`a whisper to somebody by name: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseWhisper(text, Object.keys(CALLED), (user) => CALLED[user]), meant);
  });
}

test("a text that may become a whisper is recognised from its first character", () => {
  for (const text of ["/", "/w", "/W", "/w #00", "/w #00ff00 x"]) assert.ok(mayBeWhisper(text), text);
  for (const text of ["", "/wow", "/ w", "w", "a /w #00"]) assert.ok(!mayBeWhisper(text), text);
});

test("a typist is shown for four seconds after the last typing event, or until the message arrives", () => {
  const typists = new Typists();
  typists.wrote("#1", 0);
  typists.wrote("#2", 1000);
  typists.wrote("#1", 2000);
  assert.deepEqual(typists.at(2000), ["#1", "#2"]);
  assert.equal(typists.nextEnd, 5000);
  assert.deepEqual(typists.at(4999), ["#1", "#2"]);
  assert.deepEqual(typists.at(5000), ["#1"]);
  typists.stopped("#1");
  assert.deepEqual(typists.at(5000), []);
  assert.equal(typists.nextEnd, Infinity);
});

test("typing is sent at most every two seconds", () => {
  const pulse = new Pulse();
  const told = [0, 1, 1999, 2000, 2001, 3999, 4000].filter((now) => pulse.due(now));
  assert.deepEqual(told, [0, 2000, 4000]);
});

const ROOM = { title: "Lunch", max: 10, password: true, kept: false };
const KEPT = { title: "Lunch", max: 10, locked: true, password: "", kept: false };
const PATCHES = [
  ["nothing", ROOM, {}, {}],
  ["the title", ROOM, { title: "Dinner" }, { title: "Dinner" }],
  ["only blanks around the title", ROOM, { title: " Lunch " }, {}],
  ["the size", ROOM, { max: 2 }, { max: 2 }],
  ["that it stays", ROOM, { kept: true }, { kept: true }],
  ["that it no longer stays", { ...ROOM, kept: true }, {}, { kept: false }],
  ["another password", ROOM, { password: "sesame" }, { password: "sesame" }],
  ["no password any more", ROOM, { locked: false }, { password: null }],
  ["a first password", { ...ROOM, password: false }, { password: "sesame" }, { password: "sesame" }],
  ["still none", { ...ROOM, password: false }, { locked: false, password: "typed, then unticked" }, {}],
];

for (const [what, room, wanted, patch] of PATCHES) {
  test(`settings: ${what}`, () => assert.deepEqual(patchOf(room, { ...KEPT, ...wanted }), patch));
}

/** "a [b] c": the matches in brackets. */
const shown = (found) => found.map(({ text, hit }) => (hit ? `[${text}]` : text)).join("");

const MATCHES = [
  ["점심 뭐 먹지? 점심!", "점심", "[점심] 뭐 먹지? [점심]!"],
  ["Hello HELLO hello", "hELLo", "[Hello] [HELLO] [hello]"],
  ["aaaa", "aa", "[aa][aa]"],
  ["50% of a_b\\c", "%", "50[%] of a_b\\c"],
  ["<b>bold</b>", "<b>", "[<b>]bold</b>"],
  ["Ä ä", "ä", "Ä [ä]"], // the server only folds ASCII
  ["İstanbul I", "i", "İstanbul [I]"], // a letter whose lower case is longer does not shift the match
  ["각 각 가\u11a8", "\u1100\u1161\u11a8", "[각] [각] [가\u11a8]"],
  ["\u1100\u1161\u11a8\u1100\u1161\u11a8 cafe\u0301!", "각", "[\u1100\u1161\u11a8][\u1100\u1161\u11a8] cafe\u0301!"],
  ["\u1100\u1161\u11a8 CAFe\u0301!", "fé", "\u1100\u1161\u11a8 CA[Fe\u0301]!"],
  ["\u1100\u1161\u11a8 e\u0316\u0301", "가", "\u1100\u1161\u11a8 e\u0316\u0301"], // part of another syllable
  ["xe\u0316\u0308", "\u0316", "x[e\u0316\u0308]"], // a mark is highlighted with its letter
  ["nothing", "else", "nothing"],
];

for (const [text, word, marked] of MATCHES) {
  test(`matches of ${JSON.stringify(word)} in ${JSON.stringify(text)}`, () => {
    assert.equal(shown(pieces(text, word)), marked);
    assert.equal(shown(excerpt(text, word)), marked);
  });
}

test("an excerpt of a long text begins shortly before the first match and is bounded", () => {
  const long = `${"앞".repeat(300)}점심${"뒤".repeat(1000)}`;
  const part = shown(excerpt(long, "점심"));
  assert.match(part, /^…앞{40}\[점심\]뒤+…$/);
  assert.ok(part.length < 300);
  assert.equal(shown(pieces(long, "점심")), long.replace("점심", "[점심]"));
});

test("an excerpt never splits a surrogate pair", () => {
  for (const odd of ["", "x"]) {
    const text = `${odd}${"👍".repeat(100)}!${"👍".repeat(300)}`;
    assert.ok(excerpt(text, "!").every(({ text: piece }) => piece.isWellFormed()));
  }
});

/** A room's search as the server answers it: `found` by request, the seqs oldest first. */
function answering(found) {
  const asked = [];
  const ask = async (before) => {
    asked.push(before);
    const seqs = found[asked.length - 1];
    if (seqs instanceof Error) throw seqs;
    const more = asked.length < found.length;
    return { chats: seqs.map((seq) => ({ seq })), more, ...(more && { next: 1000 - asked.length }) };
  };
  return { asked, ask };
}

async function seqsOf(search) {
  const seqs = [];
  for await (const records of search.stage()) seqs.push(...records.map(({ seq }) => seq));
  return seqs;
}

test("a search continues past requests that find nothing, newest first", async () => {
  const { ask, asked } = answering([[8, 9], [], [], [1, 2]]);
  const search = new Search(ask);
  assert.deepEqual(await seqsOf(search), [9, 8, 2, 1]);
  assert.deepEqual(asked, [null, 999, 998, 997]);
  assert.equal(search.more, false);
});

test("a search makes ten requests and then waits to be continued", async () => {
  const { ask, asked } = answering([...Array.from({ length: 14 }, () => []), [1]]);
  const search = new Search(ask);
  assert.deepEqual(await seqsOf(search), []);
  assert.equal(asked.length, 10);
  assert.equal(search.more, true);
  assert.deepEqual(await seqsOf(search), [1]);
  assert.equal(search.more, false);
});

test("a search also waits once it has found a page of results", async () => {
  const page = Array.from({ length: 50 }, (_, index) => index + 100);
  const { ask, asked } = answering([page, [1]]);
  const search = new Search(ask);
  assert.equal((await seqsOf(search)).length, 50);
  assert.equal(asked.length, 1);
  assert.deepEqual(await seqsOf(search), [1]);
});

test("a search resumes where an error stopped it", async () => {
  const { ask, asked } = answering([[9], new TypeError("no network"), [2]]);
  const search = new Search(ask);
  await assert.rejects(seqsOf(search), TypeError);
  assert.equal(search.more, true);
  assert.deepEqual(await seqsOf(search), [2]);
  assert.deepEqual(asked, [null, 999, 999]);
});

test("an image fills the viewer in its own proportions, and a small one is enlarged only so far", () => {
  const room = { width: 1000, height: 600 };
  assert.deepEqual(sizeWithin(4000, 1000, room), { width: 1000, height: 250 });
  assert.deepEqual(sizeWithin(100, 1200, room), { width: 50, height: 600 });
  assert.deepEqual(sizeWithin(16, 16, room), { width: 64, height: 64 });
  assert.deepEqual(sizeWithin(10000, 1, room), { width: 1000, height: 1 });
});

test("a downloaded image is named after its time", () => {
  const sent = new Date(2026, 0, 31, 5, 7, 9).toISOString();
  assert.equal(fileName("/gif/0123.gif", sent), "gifchat-2026-01-31-050709.gif");
  assert.equal(fileName("/gif/0123.webp", sent), "gifchat-2026-01-31-050709.webp");
});

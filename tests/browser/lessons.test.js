// The lessons' models, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Meter } from "../../static/js/lessons/meter.js";
import { byteLength, bytesText, eventStreamFraming } from "../../static/js/lessons/passage.js";
import { spread, textWidth, textWithin, ticks, timeTicks } from "../../static/js/lessons/scale.js";
import { tokens } from "../../static/js/lessons/tokens.js";
import { layOut } from "../../static/js/lessons/tree_layout.js";

const passage = (more) => ({ at: 0, up: false, what: "message", text: "", head: 0, body: 0, events: [], ...more });

test("the overhead of a server-sent event and its chunk is counted", () => {
  const data = '{"id":12}';
  const event = `id: 12\ndata: ${data}\n\n`;
  assert.equal(event.length, 24);
  assert.equal(eventStreamFraming("12", data), `18\r\n${event}\r\n`.length - data.length);
  const long = "가".repeat(100);
  assert.equal(eventStreamFraming("12", long), byteLength(`13b\r\nid: 12\ndata: ${long}\n\n\r\n`) - 300);
});

test("sizes are formatted as text", () => {
  assert.equal(bytesText(9_999, "en"), "9,999 B");
  assert.equal(bytesText(12_345, "en"), "12.3 kB");
  assert.equal(bytesText(123_456, "en"), "123 kB");
  assert.equal(bytesText(12_345_678, "en"), "12.3 MB");
  assert.equal(bytesText(5_000, "en", 1000), "5 kB");
});

test("a meter counts requests, messages in both directions, bytes and delays", () => {
  const meter = new Meter();
  assert.equal(meter.bytesPerMessage, undefined);
  assert.equal(meter.delay, undefined);
  meter.add(passage({ at: 1, up: true, what: "request", head: null }));
  meter.add(passage({ at: 5, what: "answer", head: 100, body: 50, events: [{ age_ms: 10 }, { age_ms: 30 }] }));
  meter.know(5, 300);
  meter.add(passage({ at: 7, up: true, head: 6, body: 44, said: true }));
  meter.add(passage({ at: 6, head: 2, body: 8, events: [{}] }));
  const { requests, received, sent, head, body, bytes, bytesPerMessage, delay } = meter;
  assert.deepEqual(
    { requests, received, sent, head, body, bytes, bytesPerMessage, delay },
    { requests: 1, received: 3, sent: 1, head: 408, body: 102, bytes: 510, bytesPerMessage: 127.5, delay: 20 },
  );
  assert.deepEqual(meter.series.requests, [[1, 1]]);
  assert.deepEqual(meter.series.delay, [[5, 10], [5, 30]]);
  // A late report does not turn time back.
  assert.deepEqual(meter.series.bytes, [[1, 0], [5, 150], [5, 450], [7, 500], [7, 510]]);
});

test("a meter's memory is bounded, and its latest values are exact", () => {
  const meter = new Meter();
  for (let at = 0; at < 20_000; at++) meter.add(passage({ at, body: 1 }));
  assert.ok(meter.series.bytes.length <= 2000);
  assert.deepEqual(meter.series.bytes.at(-1), [19_999, 20_000]);
  assert.ok(meter.series.bytes.every(([at], index, all) => index === 0 || at > all[index - 1][0]));
});

test("axis marks are round numbers", () => {
  assert.deepEqual(ticks(0, 4), [0, 1]);
  assert.deepEqual(ticks(3, 4), [0, 1, 2, 3]);
  assert.deepEqual(ticks(17, 4), [0, 5, 10, 15, 20]);
  assert.deepEqual(ticks(26_600, 4), [0, 10_000, 20_000, 30_000]);
  for (let most = 0; most < 5000; most += 7) {
    const marks = ticks(most, 4);
    assert.ok(marks.at(-1) >= most && marks.length <= 6 && marks.length > 1, String(marks));
  }
  assert.deepEqual(timeTicks(10, 6), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(timeTicks(200, 6), [0, 60, 120, 180]);
});

test("labels are spread apart, close to their places", () => {
  assert.deepEqual(spread([50, 10], 10, 0, 100), [50, 10]);
  assert.deepEqual(spread([10, 10, 10], 10, 0, 100), [10, 20, 30]);
  assert.deepEqual(spread([98, 99, 100], 10, 0, 100), [80, 90, 100]);
  assert.deepEqual(spread([-5], 10, 0, 100), [0]);
  assert.deepEqual(spread([], 10, 0, 100), []);
});

test("texts that are too long are cut", () => {
  assert.equal(textWidth("가a", 10), 16);
  assert.equal(textWithin("점심 뭐 먹지?", 100, 10), "점심 뭐 먹지?");
  assert.equal(textWithin("점심 뭐 먹지?", 40, 10), "점심…");
  assert.equal(textWithin("😀😀😀😀", 25, 10), "😀…");
});

test("a program is split into words for highlighting", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of the program's, not of this file's
  const template = "`x ${b}`";
  const js = `const a = ${template}; // "말"\nlet url = "http://x"; await f(12);`;
  assert.equal(tokens(js, "js").map(({ text }) => text).join(""), js);
  const kinds = (code, language) => tokens(code, language).filter(({ kind }) => kind).map(({ kind, text }) => [kind, text]);
  assert.deepEqual(kinds(js, "js"), [
    ["keyword", "const"],
    ["text", template],
    ["comment", '// "말"'],
    ["keyword", "let"],
    ["text", '"http://x"'],
    ["keyword", "await"],
    ["number", "12"],
  ]);
  const py = 'async def f(self):\n    """Say "it"."""\n    return f"#{x}"  # done';
  assert.deepEqual(kinds(py, "py"), [
    ["keyword", "async"],
    ["keyword", "def"],
    ["keyword", "self"],
    ["text", '"""Say "it"."""'],
    ["keyword", "return"],
    ["text", 'f"#{x}"'],
    ["comment", "# done"],
  ]);
});

const say = (key, values = {}) => `${key} ${values.count ?? ""}`.trim();
const TREE = [
  { name: "/", count: 1, sockets: [{ id: "aaaaaa", user: "#a00000" }], rooms: [], more: 0 },
  {
    name: "/chat",
    count: 23,
    sockets: [],
    rooms: [
      { title: "점심", locked: false, count: 14, sockets: Array.from({ length: 12 }, (_, at) => ({ id: `s${at}`, user: "#0b0000" })) },
      { title: null, locked: true, count: 9, sockets: [] },
    ],
    more: 3,
  },
];

for (const width of [320, 1200]) {
  test(`the tree is laid out without overlap, ${width} wide`, () => {
    const { shapes, edges, height } = layOut(TREE, new Set(["aaaaaa"]), { width, unit: 16, server: "서버", say });
    assert.equal(new Set(shapes.map(({ key }) => key)).size, shapes.length);
    for (const { key, x, y, width: wide, height: high } of shapes) {
      assert.ok(x >= 0 && y >= 0 && x + wide <= width + 0.01 && y + high <= height + 0.01, key);
    }
    assert.equal(edges.length, 2);
    const of = (kind) => shapes.filter((shape) => shape.kind === kind);
    assert.deepEqual(of("socket").filter(({ mine }) => mine).map(({ text }) => text), ["aaaaaa"]);
    assert.equal(of("socket").length, 13);
    assert.deepEqual(of("room").map(({ text, count, locked }) => [text, count, locked]), [["점심", 14, false], ["room_locked", 9, true]]);
    assert.deepEqual(of("more").map(({ text }) => text), ["more 2", "more 3"]);
    // No two boxes of one kind overlap.
    for (const kind of ["namespace", "room", "socket"]) {
      const boxes = of(kind);
      for (const [at, a] of boxes.entries()) {
        for (const b of boxes.slice(at + 1)) {
          const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
          assert.ok(apart, `${a.key} and ${b.key}`);
        }
      }
    }
  });
}

// What is marked in a message's text. Run by test_models.py.

import assert from "node:assert/strict";
import { Session } from "node:inspector/promises";
import test from "node:test";

import { isEmojiAlone } from "../../static/js/room/text_emoji.js";
import { isPlain, piecesOf } from "../../static/js/room/text_pieces.js";

/** @returns the pieces as [kind, text], and [link, text, href] or [block, text, language] where they have one */
const short = (text) =>
  piecesOf(text).map((piece) => [piece.kind, piece.text, piece.href ?? piece.language].filter(Boolean));

const whole = (text) =>
  piecesOf(text)
    .map(({ before = "", text: inner, after = "" }) => before + inner + after)
    .join("");

// The text, the links in it, and where they lead if not to just that.
const LINKS = [
  ["http://a.kr", ["http://a.kr", "http://a.kr/"]],
  ["보세요 https://a.kr/b?c=d&e=f#g 이거", ["https://a.kr/b?c=d&e=f#g"]],
  ["HTTPS://A.KR/B", ["HTTPS://A.KR/B", "https://a.kr/B"]],
  ["http://localhost:8005/room 또는 http://rm-201:80.", ["http://localhost:8005/room"], ["http://rm-201:80", "http://rm-201/"]],
  ["http://192.168.0.7:8005로 오세요", ["http://192.168.0.7:8005", "http://192.168.0.7:8005/"]],
  ["http://[fe80::1]:8005/a에서", ["http://[fe80::1]:8005/a"]],
  ["https://한국.kr/길", ["https://한국.kr/길", "https://xn--3e0b707e.kr/%EA%B8%B8"]],
  ["https://도메인.한국에서", ["https://도메인.한국", "https://xn--hq1bm8jm9l.xn--3e0b707e/"]],
  ["https://a.kr/b.", ["https://a.kr/b"]],
  ["https://a.kr/b?!~", ["https://a.kr/b"]],
  ["**https://a.kr/b**", ["https://a.kr/b"]],
  ["(https://a.kr/b)", ["https://a.kr/b"]],
  ["(https://a.kr/b)에서", ["https://a.kr/b"]],
  ["[글](https://a.kr/b) 참고", ["https://a.kr/b"]],
  ["<https://a.kr/b> \"https://a.kr/c\" 「https://a.kr/d」", ["https://a.kr/b"], ["https://a.kr/c"], ["https://a.kr/d"]],
  ["'https://a.kr/b'에서", ["https://a.kr/b"]],
  ["https://en.wikipedia.org/wiki/Tea_(disambiguation)", ["https://en.wikipedia.org/wiki/Tea_(disambiguation)"]],
  ["https://a.kr/b,https://c.kr/d;https://e.kr/f,", ["https://a.kr/b"], ["https://c.kr/d"], ["https://e.kr/f"]],
  ["https://web.archive.org/web/2020/https://a.kr/b", ["https://web.archive.org/web/2020/https://a.kr/b"]],
  ["https://a.kr에서", ["https://a.kr", "https://a.kr/"]],
  ["https://a.kr/b에서요", ["https://a.kr/b"]],
  ["https://a.kr/b입니다.", ["https://a.kr/b"]],
  ["https://a.kr/로 가요", ["https://a.kr/"]],
  ["https://a.kr:여기", ["https://a.kr", "https://a.kr/"]],
  ["https://a.kr/@b/c", ["https://a.kr/@b/c"]],
  ["https://a.kr/b\nhttps://a.kr/c", ["https://a.kr/b"], ["https://a.kr/c"]],
  // A word is part of the address, as is the value of a query, although either may end like a particle.
  ["https://a.kr/서울의_봄/지도", ["https://a.kr/서울의_봄/지도", "https://a.kr/%EC%84%9C%EC%9A%B8%EC%9D%98_%EB%B4%84/%EC%A7%80%EB%8F%84"]],
  ["https://a.kr/?q=이", ["https://a.kr/?q=이", "https://a.kr/?q=%EC%9D%B4"]],
  // None of these is an address of the web, or leads where it seems to.
  ["javascript:alert(1) data:text/html,x ftp://a.kr //a.kr www.a.kr localhost:8005 a@b.kr"],
  ["http:// https://... https://? http://[::1 http://a.kr:99999/"],
  ["https://bank.kr@evil.kr/ https://bank.kr:443@evil.kr/"],
  ["xhttp://a.kr"],
];

for (const [text, ...links] of LINKS) {
  test(`${links.length} in ${text}`, () => {
    const found = piecesOf(text).filter(({ kind }) => kind === "link");
    assert.deepEqual(
      found.map((link) => [link.text, link.href]),
      links.map(([shown, href = shown]) => [shown, href]),
    );
    assert.equal(whole(text), text);
  });
}

const CODE = [
  ["`a  b` 와 `c`", ["code", "a  b"], ["plain", " 와 "], ["code", "c"]],
  ["``a`b``", ["code", "a`b"]],
  ["`https://a.kr` https://b.kr", ["code", "https://a.kr"], ["plain", " "], ["link", "https://b.kr", "https://b.kr/"]],
  ["https://a.kr/`b`", ["link", "https://a.kr/", "https://a.kr/"], ["code", "b"]],
  ["it`s", ["plain", "it`s"]],
  ["`a\nb`", ["plain", "`a\nb`"]],
  ["` ` ``", ["plain", "` ` ``"]],
  ["```\na\n```", ["block", "a"]],
  ["```js\n  let a = `b`;\n\n  c();\n```", ["block", "  let a = `b`;\n\n  c();", "js"]],
  ["보세요\n```Python\nx\n```\n끝", ["plain", "보세요"], ["block", "x", "python"], ["plain", "끝"]],
  ["```a b```", ["block", "a b"]],
  ["```js```", ["block", "js"]],
  ["````\n```\na\n```\n````", ["block", "```\na\n```"]],
  ["```js\nhttps://a.kr", ["plain", "```js\n"], ["link", "https://a.kr", "https://a.kr/"]],
  ["```\n\n```", ["plain", "```\n\n```"]],
  ["**a** _b_ # c > d", ["plain", "**a** _b_ # c > d"]],
];

for (const [text, ...expected] of CODE) {
  test(`code: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(short(text), expected);
    assert.equal(whole(text), text);
  });
}

test("a text without a mark is plain at first sight", () => {
  assert.ok(isPlain("오늘 3:30에 봐요 :) http는 나중에"));
  for (const text of ["`a`", "http://a.kr"]) assert.ok(!isPlain(text));
  for (const [text] of [...LINKS, ...CODE]) if (isPlain(text)) assert.deepEqual(short(text), [["plain", text]]);
});

// A phone's browser has 1 ms for it: that is some hundred thousand steps, and a text of 2,000 characters takes 30 each.
const HOSTILE = {
  backticks: (n) => "`".repeat(n),
  "backticks apart": (n) => "` ".repeat(n / 2),
  "unclosed backticks": (n) => Array.from({ length: n ** 0.5 }, (_, run) => "`".repeat(run + 1)).join("\n").slice(0, n),
  "lines that end in code": (n) => "`a\n".repeat(n / 3),
  schemes: (n) => "http://".repeat(n / 7),
  "addresses without a space": (n) => "http://a,".repeat(n / 9),
  "unclosed IPv6 addresses": (n) => "http://[::".repeat(n / 10),
  "users without a host": (n) => "http://a:a".repeat(n / 10),
  "one long host": (n) => `http://${"a.".repeat(n / 2)}`,
  "one long path of brackets": (n) => `http://a/${"(".repeat(n)}`,
  "one long path of Hangul": (n) => `http://a/${"가".repeat(n)}`,
  "one long path of particles": (n) => `http://a/${"a에서.".repeat(n / 4)}`,
};

const session = new Session();

/** @returns how often the blocks of our modules were run by `act`: a count, which no slow machine changes */
async function steps(act) {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  act();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  const functions = result.filter(({ url }) => /\/room\/text_\w+\.js$/.test(url)).flatMap((script) => script.functions);
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}

for (const [what, make] of Object.entries(HOSTILE)) {
  test(`a hostile text takes steps in proportion to its length: ${what}`, async () => {
    const [once, twice] = [make(2000), make(4000)];
    const [few, more] = [await steps(() => piecesOf(once)), await steps(() => piecesOf(twice))];
    assert.ok(few > 1 && few < 30 * 2000, `${few}`);
    assert.ok(more < 2.2 * few + 100, `${few}, then ${more}`);
    assert.equal(whole(once), once);
  });
}

const ALONE = ["😀", "❤️", "1️⃣", "🇰🇷", "👍🏽", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀 😀\n😀", "👩🏽‍❤️‍💋‍👨🏿".repeat(6)];
const NOT_ALONE = ["", " ", "1", "#", "12", "a", "ㅋㅋ", "안녕", "©", "😀!", "🇰", "😀".repeat(7), "👍 네", "😀".repeat(900)];

test("one to six emoji alone are large", () => {
  for (const text of ALONE) assert.ok(isEmojiAlone(text), text);
  for (const text of NOT_ALONE) assert.ok(!isEmojiAlone(text), text);
});

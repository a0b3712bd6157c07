// The effect of Enter for the event sequences of browsers and input methods. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Enter } from "../../static/js/room/enter.js";

const key = (type, more) => ({ type, key: "Enter", code: "Enter", keyCode: 13, ...more });

/** A key consumed by the input method; if the browser names it, it is Enter. */
const had = { keyCode: 229, isComposing: true };
const ENTER = key("keydown", {});
const UP = key("keyup", {});
const WINDOWS = key("keydown", { ...had, key: "Process" });
const MAC = key("keydown", had);
const SAFARI = key("keydown", { keyCode: 229 });
const NAMELESS = { type: "keydown", key: "Unidentified", code: "", keyCode: 229 };
const GIVEN = key("keydown", { isComposing: true });
const SHIFT = { type: "keydown", key: "Shift", code: "ShiftLeft", keyCode: 16, shiftKey: true };
const ESCAPE = { type: "keydown", key: "Escape", code: "Escape", keyCode: 27 };
const HELD = { ...ENTER, repeat: true };
const LINE = { type: "beforeinput", inputType: "insertLineBreak", cancelable: true };
const PARAGRAPH = { ...LINE, inputType: "insertParagraph" };
const BLUR = { type: "blur" };

/** Setting the composition to each of these in turn. */
const compose = (...texts) => [
  { ...NAMELESS, key: "Process" },
  { type: "compositionstart", data: "" },
  ...texts.map((data) => ({ type: "compositionupdate", data })),
];
const end = (data) => ({ type: "compositionend", data });
const shifted = (event) => ({ ...event, shiftKey: true });
const late = (event) => ({ ...event, type: "input", cancelable: false });

/** A field that contains "안녕 ": what is sent from it, and what is left. */
function written(events, before = "안녕 ") {
  const enter = new Enter();
  const sent = [];
  let text = before;
  let composed = "";
  for (const event of events.flat()) {
    if (event.type === "compositionupdate") composed = event.data;
    if (event.type === "compositionend") {
      text += event.data || composed;
      composed = "";
    }
    if (event.type === "input") text += "\n";
    const verdict = enter.take(event);
    const prevented = verdict === "send" || verdict === "nothing";
    if (event.type === "beforeinput" && !prevented) text += event.data ?? "\n";
    if (event.type === "input" && prevented) text = text.slice(0, -1);
    if (verdict !== "send") continue;
    // Like the form: blank text is not sent.
    if ((text + composed).trim()) sent.push(text + composed);
    text = composed = "";
  }
  return { sent, left: text + composed };
}

const hangul = compose("ㅎ", "하", "한");

/** Each is sent once and whole, and nothing is left in the field. */
const SENT = {
  "no composition": [[ENTER, UP], "안녕 "],
  "the number pad": [[key("keydown", { code: "NumpadEnter" }), UP], "안녕 "],
  "no composition, and a line break event as well": [[ENTER, LINE, UP], "안녕 "],
  "Hangul on Windows": [[hangul, WINDOWS, end("한"), UP], "안녕 한"],
  "Hangul on Windows, reported as Enter": [[hangul, MAC, end("한"), UP], "안녕 한"],
  "Hangul on Windows, and a line break after it": [[hangul, WINDOWS, end("한"), LINE, UP], "안녕 한"],
  "Hangul on Windows, and a line break that cannot be prevented": [[hangul, WINDOWS, end("한"), late(LINE), UP], "안녕 한"],
  "Hangul on macOS": [[hangul, MAC, end("한"), ENTER, UP], "안녕 한"],
  "Hangul on macOS, and its line break": [[hangul, MAC, end("한"), ENTER, LINE, UP], "안녕 한"],
  "Hangul on macOS, the key released in between": [[hangul, MAC, end("한"), UP, ENTER, UP], "안녕 한"],
  "Hangul in Safari": [[hangul, end("한"), SAFARI, UP], "안녕 한"],
  "Hangul in Safari, and its line break": [[hangul, end("한"), SAFARI, PARAGRAPH, UP], "안녕 한"],
  "Hangul in Safari, and the key once more": [[hangul, end("한"), SAFARI, ENTER, UP], "안녕 한"],
  "Hangul, its end reported without its text": [[hangul, WINDOWS, end(""), UP], "안녕 한"],
  "Hangul, the key held": [[hangul, WINDOWS, end("한"), HELD, HELD, LINE, UP], "안녕 한"],
  "Hangul, the key of the last letter released meanwhile": [
    [hangul, WINDOWS, { type: "keyup", key: "s", code: "KeyS", keyCode: 83 }, end("한"), ENTER, UP],
    "안녕 한",
  ],
  "Hangul, the key before the end of the composition": [[hangul, GIVEN, end("한"), UP], "안녕 한"],
  "Hangul, the composition never ended": [[hangul, GIVEN, UP], "안녕 한"],
  "a single jamo": [[compose("ㅋ"), WINDOWS, end("ㅋ"), UP], "안녕 ㅋ"],
  "an old syllable, of jamo to be joined": [[compose("ᄒᆞᆫ"), WINDOWS, end("ᄒᆞᆫ"), UP], "안녕 ᄒᆞᆫ"],
  "Hangul on a phone, the key without a name": [[hangul, NAMELESS, end("한"), LINE], "안녕 한"],
  "Hangul on a phone, only a line break": [[hangul, LINE, end("")], "안녕 한"],
  "Hangul on a phone, the key after the end": [[hangul, NAMELESS, end("한"), ENTER, LINE, UP], "안녕 한"],
  "a word on a phone, a line break": [[compose("h", "hello"), NAMELESS, end("hello"), LINE], "안녕 hello"],
  "a word on a phone, a paragraph": [[compose("h", "hello"), NAMELESS, end("hello"), PARAGRAPH], "안녕 hello"],
  "a word on a phone, a line break as a text": [
    [compose("hello"), NAMELESS, end("hello"), { ...LINE, inputType: "insertText", data: "\n" }],
    "안녕 hello",
  ],
  "a word on a phone, only a line break": [[compose("hello"), LINE, end("")], "안녕 hello"],
  "a word on a phone, a line break that cannot be prevented": [[compose("hello"), end("hello"), late(LINE)], "안녕 hello"],
  "a word on a phone, Enter as 229": [[compose("hello"), MAC, end("hello"), LINE, UP], "안녕 hello"],
  "a word on a phone, Enter as 229 and then as 13": [[compose("hello"), MAC, end("hello"), ENTER, UP], "안녕 hello"],
  "a word on a phone, Enter as 229 after the end": [[compose("hello"), end("hello"), SAFARI, LINE, UP], "안녕 hello"],
  "a word on a phone, the key without the input method": [[compose("hello"), GIVEN, UP], "안녕 hello"],
  "a word on a phone, and its end": [[compose("hello"), GIVEN, end("hello"), UP], "안녕 hello"],
  "a word on a phone, corrected as it is sent": [[compose("helo"), GIVEN, end("hello"), LINE, UP], "안녕 hello"],
  "kana on a phone, confirmed, then a line break": [[compose("に", "日本"), NAMELESS, end("日本"), LINE], "안녕 日本"],
  "Vietnamese, as Telex composes it": [[compose("tie", "tiê", "tiếng"), WINDOWS, end("tiếng"), UP], "안녕 tiếng"],
  "Vietnamese, without marks": [[compose("anh"), MAC, end("anh"), ENTER, UP], "안녕 anh"],
  "Thai on a phone": [[compose("ส", "สวัสดี"), NAMELESS, end("สวัสดี"), LINE], "안녕 สวัสดี"],
  "Cyrillic on a phone": [[compose("при", "привет"), MAC, end("привет"), UP], "안녕 привет"],
  "pinyin, confirmed by one Enter and sent by the next": [
    [compose("ni", "nihao"), WINDOWS, end("nihao"), UP, ENTER, UP],
    "안녕 nihao",
  ],
  "Japanese, confirmed by one Enter and sent by the next": [
    [compose("に", "にほん", "日本"), WINDOWS, end("日本"), UP, ENTER, UP],
    "안녕 日本",
  ],
  "Hangul, its composition ended by a space": [
    [hangul, { ...NAMELESS, code: "Space" }, end("한"), { ...LINE, inputType: "insertText", data: " " }, ENTER, UP],
    "안녕 한 ",
  ],
};

for (const [name, [events, text]] of Object.entries(SENT)) {
  test(`Enter sends: ${name}`, () => {
    assert.deepEqual(written(events), { sent: [text], left: "" });
  });
}

/** Nothing is sent; the value is what the field contains afterwards. */
const KEPT = {
  "Japanese, kana": [[compose("n", "に", "にほん"), WINDOWS, end("にほん"), UP], "안녕 にほん"],
  "Japanese, a candidate": [[compose("にほん", "日本"), MAC, end("日本"), UP], "안녕 日本"],
  "Japanese, a candidate in Safari": [[compose("にほん", "日本"), end("日本"), SAFARI, UP], "안녕 日本"],
  "Japanese, one clause of several": [[compose("にほんご", "日本ご"), WINDOWS, UP], "안녕 日本ご"],
  "Japanese, a letter not yet kana": [[compose("k"), WINDOWS, end("k"), UP], "안녕 k"],
  "Japanese, a candidate that is Latin": [[compose("じゃぱん", "Japan"), WINDOWS, end("Japan"), UP], "안녕 Japan"],
  "Japanese, a candidate that is Greek": [[compose("あるふぁ", "α"), end("α"), SAFARI, UP], "안녕 α"],
  "Japanese, a candidate that is a picture": [[compose("すし", "🍣"), MAC, end("🍣"), UP], "안녕 🍣"],
  "Japanese, kana in half width": [[compose("ﾆﾎﾝ"), WINDOWS, end("ﾆﾎﾝ"), UP], "안녕 ﾆﾎﾝ"],
  "Japanese, a mark": [[compose("「"), WINDOWS, end("「"), UP], "안녕 「"],
  "Japanese, the key held": [[compose("にほん"), WINDOWS, end("にほん"), HELD, HELD, UP], "안녕 にほん"],
  "Japanese, the key without the input method": [[compose("にほん"), GIVEN, LINE, UP], "안녕 にほん"],
  "pinyin": [[compose("n", "ni", "nihao"), WINDOWS, end("nihao"), UP], "안녕 nihao"],
  "pinyin, with the marks of macOS": [[compose("ni hao"), MAC, end("nihao"), UP], "안녕 nihao"],
  "pinyin in Safari": [[compose("nihao"), end("nihao"), SAFARI, UP], "안녕 nihao"],
  "pinyin, a candidate": [[compose("nihao", "你好"), WINDOWS, end("你好"), UP], "안녕 你好"],
  "pinyin, the half of it chosen": [[compose("nihao", "你hao"), MAC, end("你hao"), UP], "안녕 你hao"],
  "Bopomofo": [[compose("ㄋ", "ㄋㄧˇ"), WINDOWS, end("ㄋㄧˇ"), UP], "안녕 ㄋㄧˇ"],
  "Cangjie": [[compose("日", "日月"), MAC, end("明"), UP], "안녕 明"],
  "Hanja, chosen for Hangul": [[hangul, WINDOWS, end("韓"), UP], "안녕 韓"],
  "Hanja, shown before it is chosen": [[hangul, compose("韓").slice(2), MAC, end("韓"), UP], "안녕 韓"],
  "Hanja in Safari": [[hangul, end("韓"), SAFARI, UP], "안녕 韓"],
  "an accent, chosen where a key is held": [[compose("e", "é"), MAC, end("é"), UP], "안녕 é"],
  "a dead key": [[compose("´"), MAC, end("´"), UP], "안녕 ´"],
  "Hangul, ended by Escape": [[hangul, { ...ESCAPE, ...had }, end("한")], "안녕 한"],
  "Hangul, ended by Escape in Safari": [[hangul, end("한"), { ...ESCAPE, keyCode: 229 }], "안녕 한"],
  "Hangul, given up": [[hangul, { ...ESCAPE, ...had }, { type: "compositionupdate", data: "" }, end("")], "안녕 "],
  "Hangul, ended by the next letter": [[hangul, NAMELESS, end("한"), compose("ㄱ")], "안녕 한ㄱ"],
  "Hangul, ended by a key without a name": [[hangul, NAMELESS, end("한")], "안녕 한"],
  "Hangul, ended by a click": [[hangul, end("한"), BLUR], "안녕 한"],
  "Hangul, ended by a click after an Enter of the input method": [[hangul, WINDOWS, UP, end("한"), BLUR], "안녕 한"],
  "Shift+Enter": [[SHIFT, shifted(ENTER), LINE, shifted(UP)], "안녕 \n"],
  "Shift+Enter, held": [[SHIFT, shifted(ENTER), LINE, shifted(HELD), LINE, shifted(UP)], "안녕 \n\n"],
  "Shift+Enter, told late": [[SHIFT, shifted(ENTER), late(LINE), shifted(UP)], "안녕 \n"],
  "Shift+Enter in a composition": [[hangul, SHIFT, shifted(WINDOWS), end("한"), LINE, shifted(UP)], "안녕 한\n"],
  "Shift+Enter in a composition of macOS": [
    [hangul, SHIFT, shifted(MAC), end("한"), shifted(ENTER), LINE, shifted(UP)],
    "안녕 한\n",
  ],
  "Shift+Enter in a composition of Safari": [[hangul, end("한"), SHIFT, shifted(SAFARI), LINE, UP], "안녕 한\n"],
  "Shift and a key without a name": [[SHIFT, shifted(NAMELESS), LINE], "안녕 \n"],
  "a key held since it was pressed elsewhere": [[HELD, HELD, UP], "안녕 "],
};

for (const [name, [events, left]] of Object.entries(KEPT)) {
  test(`Enter does not send: ${name}`, () => {
    assert.deepEqual(written(events), { sent: [], left });
  });
}

test("an empty field sends nothing and takes no line break", () => {
  assert.deepEqual(written([ENTER, LINE, UP, ENTER, LINE, UP], ""), { sent: [], left: "" });
});

test("messages of every kind are sent one after another", () => {
  const events = [
    ...[hangul, WINDOWS, end("한"), UP],
    ...[hangul, MAC, end("한"), ENTER, UP],
    ...[hangul, end("한"), SAFARI, UP],
    ...[compose("hello"), NAMELESS, end("hello"), LINE],
    ...[compose("world"), NAMELESS, end("world"), LINE],
    ...[compose("にほん"), MAC, end("日本"), UP, ENTER, UP],
  ];
  assert.deepEqual(written(events, ""), { sent: ["한", "한", "한", "hello", "world", "日本"], left: "" });
});

test("Enter repeated or held after the focus has moved is recognised", () => {
  const enter = new Enter();
  for (const event of [hangul, MAC].flat()) enter.take(event);
  assert.equal(enter.again(ENTER), false);
  assert.equal(enter.take(end("한")), "send");
  assert.equal(enter.take(BLUR), null);
  assert.equal(enter.again(ESCAPE), false);
  assert.equal(enter.again(ENTER), true);
  enter.take(UP);
  assert.equal(enter.again(ENTER), false);
  assert.equal(enter.again(HELD), false);
  assert.equal(enter.take(ENTER), "send");
  assert.equal(enter.again(ENTER), false); // it was released elsewhere
  assert.equal(enter.again(HELD), true);
});

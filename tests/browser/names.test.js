import assert from "node:assert/strict";
import { test } from "node:test";
import { Names, nameKey } from "../../static/js/names.js";

const A = "#aaaaaa";
const B = "#bbbbbb";

test("people are called what the newest record says, in whatever order they come", () => {
  const names = new Names();
  assert.deepEqual(names.hear([{ seq: 5, user: A, name: "Mina" }]), [A]);
  assert.deepEqual(names.hear([{ seq: 3, user: A, name: "Old" }, { seq: 4, user: A }]), []);
  assert.equal(names.of(A), "Mina");
  assert.deepEqual(names.hear([{ seq: 6, user: "system", subject: A, name: "Minji" }]), [A]);
  assert.equal(names.of("system"), undefined);
  assert.deepEqual(names.hear([{ seq: 7, user: "system", subject: A }]), [A]);
  assert.equal(names.of(A), undefined);
});

test("a record tells of the one that it answers, too", () => {
  const names = new Names();
  assert.deepEqual(names.hear([{ seq: 9, user: A, re: { seq: 2, user: B, name: "Jun" } }]), [B]);
  assert.equal(names.of(B), "Jun");
});

test("who is in the room is called as the room says, until a later record says otherwise", () => {
  const names = new Names();
  names.hear([{ seq: 5, user: A, name: "Mina" }, { seq: 5, user: B, name: "Jun" }]);
  assert.deepEqual(names.enter({ members: [A, B], names: { [B]: "Jun" }, seq: 8 }), [A]);
  assert.equal(names.of(A), undefined);
  assert.deepEqual(names.hear([{ seq: 7, user: A, name: "Mina" }]), []);
  assert.deepEqual(names.hear([{ seq: 9, user: A, name: "Mina" }]), [A]);
});

test("names that somebody had before the records were numbered anew give way", () => {
  const names = new Names();
  names.hear([{ seq: 500, user: A, name: "Mina" }]);
  names.renumber();
  assert.equal(names.of(A), "Mina");
  assert.deepEqual(names.hear([{ seq: 3, user: A }]), [A]);
});

test("names that look alike have the same key", () => {
  for (const name of ["Mina Kim", "ＭＩＮＡ ｋｉｍ", " mina\u3000 KIM "]) assert.equal(nameKey(name), "mina kim");
});

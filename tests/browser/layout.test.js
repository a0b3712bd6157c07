// The height of an on-screen keyboard, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { coveredHeight } from "../../static/js/keyboard_space.js";

for (const { what, page, visible, covered } of [
  { what: "nothing", page: 740, visible: { height: 740, scale: 1 }, covered: 0 },
  { what: "a keyboard over the page", page: 740, visible: { height: 404.4, scale: 1 }, covered: 336 },
  { what: "a keyboard that makes the page lower", page: 404, visible: { height: 404, scale: 1 }, covered: 0 },
  { what: "zooming in", page: 740, visible: { height: 246.67, scale: 3 }, covered: 0 },
  { what: "zooming in above a keyboard", page: 740, visible: { height: 202, scale: 2 }, covered: 336 },
  { what: "a bar of the browser", page: 740, visible: { height: 690, scale: 1 }, covered: 0 },
]) {
  test(`${what} covers ${covered} pixels`, () => {
    assert.equal(coveredHeight(page, visible), covered);
  });
}

/** Lets Enter send in all text fields. They share one state, since there is one keyboard. */

import { Enter } from "./enter.js";
import { makesLine } from "./enter_key.js";

const EVENTS = ["compositionstart", "compositionupdate", "compositionend", "beforeinput", "input", "blur"];

/**
 * @typedef {object} TextField
 * @property {() => void} send
 * @property {() => boolean} picks whether Enter chooses something for the field now, which `send` does
 */

const enter = new Enter();

/** @type {WeakMap<EventTarget, TextField>} */
const fields = new WeakMap();

/** @type {(() => void) | null} */
let pendingSend = null;

/**
 * What the key that is held down has done, since it may be reported again: left to the browser, which makes a line, or
 * sent. @type {"line" | "sent" | null}
 */
let done = null;

/** Whether it is held down with Ctrl or ⌘, which send wherever Enter makes a line. */
let sends = false;

// On the whole page: an Enter that sends may move the focus, and the rest of its key events arrive there.
for (const type of ["keydown", "keyup"]) addEventListener(type, handle, { capture: true });

/**
 * @param {HTMLTextAreaElement} field
 * @param {() => void} send called on Enter, unless it makes a line; Shift+Enter always does
 * @param {Partial<TextField>} [more]
 */
export function sendByEnter(field, send, { picks = () => false } = {}) {
  fields.set(field, { send, picks });
  for (const type of EVENTS) field.addEventListener(type, handle);
  // What a touch keyboard shows on the key.
  const hint = () => (field.enterKeyHint = makesLine(field) ? "enter" : "send");
  for (const type of ["focus", "input", "keyup"]) field.addEventListener(type, hint);
  hint();
}

/** @param {Event} event */
function handle(event) {
  const target = /** @type {HTMLTextAreaElement} */ (event.target);
  const field = fields.get(target);
  if (!event.type.startsWith("composition")) flush();
  if (!field && event.type === "keydown") {
    if (enter.again(event)) event.preventDefault();
    return;
  }
  if (event.type === "keydown") sends = /** @type {KeyboardEvent} */ (event).ctrlKey || /** @type {KeyboardEvent} */ (event).metaKey;
  const verdict = enter.take(event);
  if (verdict === "send") done = field && !sends && !field.picks() && makesLine(target) ? "line" : "sent";
  if (verdict === "send" || verdict === "nothing") act(event, target, field, verdict);
  if (event.type === "keyup" || event.type === "compositionstart") done = null;
}

/**
 * @param {Event} event
 * @param {HTMLTextAreaElement} target
 * @param {TextField | undefined} field
 * @param {"send" | "nothing"} verdict
 */
function act(event, target, field, verdict) {
  if (done === "line" || (done === null && field && makesLine(target))) return; // the browser makes it
  event.preventDefault();
  if (event.type === "input") removeBreak(target);
  if (verdict !== "send" || !field) return;
  const { send } = field;
  const unfinished = event.type === "compositionend" || /** @type {KeyboardEvent} */ (event).isComposing;
  if (!unfinished) return send();
  // The browser has not finished updating the field. Send afterwards, but before the next event.
  pendingSend = send;
  setTimeout(flush);
}

function flush() {
  const send = pendingSend;
  pendingSend = null;
  send?.();
}

/** @param {HTMLTextAreaElement} field with a line break before the cursor */
function removeBreak(field) {
  const end = field.selectionStart;
  if (field.value[end - 1] === "\n") field.setRangeText("", end - 1, end, "end");
}

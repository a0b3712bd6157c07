/** Lets Enter send in all text fields. They share one state, since there is one keyboard. */

import { Enter } from "./enter.js";

const EVENTS = ["compositionstart", "compositionupdate", "compositionend", "beforeinput", "input", "blur"];

const enter = new Enter();

/** @type {WeakMap<EventTarget, () => void>} field → send */
const fields = new WeakMap();

/** @type {(() => void) | null} */
let pendingSend = null;

// On the whole page: an Enter that sends may move the focus, and the rest of its key events arrive there.
for (const type of ["keydown", "keyup"]) addEventListener(type, handle, { capture: true });

/**
 * @param {HTMLTextAreaElement} field
 * @param {() => void} send called on Enter; Shift+Enter inserts a line break
 */
export function sendByEnter(field, send) {
  fields.set(field, send);
  for (const type of EVENTS) field.addEventListener(type, handle);
}

/** @param {Event} event */
function handle(event) {
  const send = fields.get(/** @type {EventTarget} */ (event.target));
  if (!event.type.startsWith("composition")) flush();
  if (!send && event.type === "keydown") {
    if (enter.again(event)) event.preventDefault();
    return;
  }
  const verdict = enter.take(event);
  if (verdict !== "send" && verdict !== "nothing") return;
  event.preventDefault();
  if (event.type === "input") removeBreak(/** @type {HTMLTextAreaElement} */ (event.target));
  if (verdict !== "send" || !send) return;
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

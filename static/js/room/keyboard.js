/** The one keyboard, whichever field it writes into: sends by Enter. */

import { Enter } from "./enter.js";

const TOLD = ["compositionstart", "compositionupdate", "compositionend", "beforeinput", "input", "blur"];

const enter = new Enter();

/** @type {WeakMap<EventTarget, () => void>} what Enter does in a field */
const fields = new WeakMap();

/** @type {(() => void) | null} */
let due = null;

// All keys: by an Enter that sends the focus may go elsewhere, and there the key is told on.
for (const type of ["keydown", "keyup"]) addEventListener(type, tell, { capture: true });

/**
 * @param {HTMLTextAreaElement} field
 * @param {() => void} send by Enter; Shift+Enter begins a line
 */
export function sendByEnter(field, send) {
  fields.set(field, send);
  for (const type of TOLD) field.addEventListener(type, tell);
}

/** @param {Event} event */
function tell(event) {
  const send = fields.get(/** @type {EventTarget} */ (event.target));
  if (!event.type.startsWith("composition")) flush();
  if (!send && event.type === "keydown") {
    if (enter.again(event)) event.preventDefault();
    return;
  }
  const verdict = enter.take(event);
  if (verdict !== "send" && verdict !== "nothing") return;
  event.preventDefault();
  if (event.type === "input") takeBreakBack(/** @type {HTMLTextAreaElement} */ (event.target));
  if (verdict !== "send" || !send) return;
  const unfinished = event.type === "compositionend" || /** @type {KeyboardEvent} */ (event).isComposing;
  if (!unfinished) return send();
  // The browser is still at work on the field, and only then is the text whole. Whatever comes next comes after it.
  due = send;
  setTimeout(flush);
}

function flush() {
  const send = due;
  due = null;
  send?.();
}

/** @param {HTMLTextAreaElement} field that has a line break before the cursor */
function takeBreakBack(field) {
  const end = field.selectionStart;
  if (field.value[end - 1] === "\n") field.setRangeText("", end - 1, end, "end");
}

/** The keys of a line's menu. */

/** By how much each moves the focus. @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/**
 * @param {Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">} event
 * @param {boolean} onLine whether the line itself has the focus, and not a button of it
 * @returns {boolean} whether it opens the menu of the line that has the focus
 */
export function opensMenu({ key, shiftKey, ctrlKey, altKey, metaKey }, onLine) {
  if (ctrlKey || altKey || metaKey) return false;
  return key === "ContextMenu" || (key === "F10" && shiftKey) || (key === "Enter" && !shiftKey && onLine);
}

/**
 * Arrows move the focus from button to button, Home and End to the first and last; in a text field they move the cursor.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} menu
 */
export function moveFocus(event, menu) {
  const buttons = Array.from(menu.querySelectorAll("button")).filter(({ hidden }) => !hidden);
  const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
  if (at < 0) return;
  const step = STEPS[event.key];
  const next = step ? at + step : event.key === "Home" ? 0 : event.key === "End" ? -1 : null;
  if (next === null) return;
  event.preventDefault();
  buttons.at(next % buttons.length)?.focus();
}

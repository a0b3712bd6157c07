/** A line's reactions: their buttons, and what they say. */

import { copyOf, part } from "../parts.js";
import { tell } from "../who.js";

/** @typedef {import("./reactions.js").GivenReaction} GivenReaction */

/**
 * @param {HTMLElement} bar
 * @param {GivenReaction[]} reactions
 */
export function fillBar(bar, reactions) {
  bar.replaceChildren(...reactions.map(buttonOf), copyOf("add-reaction-template"));
}

/** @param {GivenReaction} reaction */
function buttonOf({ emoji, count, users, mine, was }) {
  const button = copyOf("reaction-template");
  button.dataset.emoji = emoji;
  button.setAttribute("aria-pressed", String(mine));
  if (was !== undefined) button.dataset.was = String(was);
  tell(button, count > users.length ? "js.given.more" : "js.given.all", users.join(" "));
  part(button, "emoji").textContent = emoji;
  part(button, "count").textContent = String(count);
  return button;
}

/**
 * @param {ParentNode} line whether the server or this page drew it
 * @returns {GivenReaction[]} what its bar shows
 */
export function shownIn(line) {
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (line.querySelectorAll(".reaction[data-emoji]"));
  return Array.from(buttons, (button) => ({
    emoji: button.dataset.emoji ?? "",
    count: Number(part(button, "count").textContent),
    users: (button.dataset.who ?? "").split(" ").filter(Boolean),
    mine: button.getAttribute("aria-pressed") === "true",
  }));
}

/**
 * @param {ParentNode} line
 * @returns {string[]} the emoji that the reader has given, as far as the server knows
 */
export function givenIn(line) {
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (line.querySelectorAll(".reaction[data-emoji]"));
  const mine = Array.from(buttons).filter((button) => (button.dataset.was ?? button.getAttribute("aria-pressed")) === "true");
  return mine.map(({ dataset }) => dataset.emoji ?? "");
}

/** Shows how the lines of #chat-list follow one another, as arrangement.js decides it. */

import { continues, dayOf, factsOf } from "./arrangement.js";

/** @typedef {import("./arrangement.js").Facts} Facts */

/** What this sets on a line, to be kept when the line is redrawn. */
export const ARRANGED = ["grouped"];

export class Arranged {
  #root;
  /** @type {WeakMap<Element, {facts: Facts, grouped: boolean}>} */
  #lines = new WeakMap();
  /** How far the reader's clock is ahead of the server's, at most. */
  #ahead_ms = Infinity;

  /** @param {HTMLElement} root with the lines that the server rendered */
  constructor(root) {
    this.#root = root;
    for (const line of root.children) this.know(/** @type {HTMLElement} */ (line), recordOf(/** @type {HTMLElement} */ (line)));
    this.update();
  }

  /**
   * @param {HTMLElement} line
   * @param {Parameters<typeof factsOf>[0]} record what it shows now
   */
  know(line, record) {
    const known = this.#lines.get(line);
    const facts = factsOf(record);
    if (known) known.facts = facts;
    else this.#lines.set(line, { facts, grouped: line.classList.contains("grouped") });
    this.#ahead_ms = Math.min(this.#ahead_ms, Date.now() - facts.at);
  }

  /**
   * @param {HTMLElement} line of what is being sent
   * @param {Parameters<typeof factsOf>[0]} pending with the time of the reader's clock, which may be wrong by hours
   */
  expect(line, pending) {
    const facts = factsOf(pending);
    if (this.#ahead_ms < Infinity) facts.at -= this.#ahead_ms;
    facts.day = dayOf(facts.at);
    this.#lines.set(line, { facts, grouped: false });
  }

  /** Lines were added, removed or changed. */
  update() {
    /** @type {Facts | undefined} */
    let before;
    for (let line = this.#root.firstElementChild; line; line = line.nextElementSibling) {
      const known = this.#lines.get(line);
      if (!known) continue;
      const grouped = continues(before, known.facts) && !line.classList.contains("first-new");
      if (grouped !== known.grouped) line.classList.toggle("grouped", grouped);
      known.grouped = grouped;
      before = known.facts;
    }
  }
}

/**
 * @param {HTMLElement} line that the server rendered
 * @returns {Parameters<typeof factsOf>[0]} what arrangement.js needs of its record
 */
function recordOf(line) {
  const { to, deleted } = line.dataset;
  const at = line.dataset.at ?? line.querySelector("time")?.dateTime ?? "";
  const system = line.classList.contains("system");
  return {
    user: system ? "system" : (/** @type {HTMLElement | null} */ (line.querySelector(".chip"))?.dataset.who ?? ""),
    createdAt: at,
    to,
    deleted: /** @type {"sender" | undefined} */ (deleted),
    re: /** @type {any} */ (line.querySelector(":scope > .quote") ?? undefined),
  };
}

/**
 * Shows how the lines of #chat-list follow one another, as arrangement.js decides it.
 *
 * Between the lines are elements that belong to the line below them: the name of its day, and the button of a fold. The
 * lines that are folded stay in the list, without height, so that their order can be relied on.
 */

import { copyOf, part } from "../parts.js";
import { lang, t } from "../texts.js";
import { continues, dayName, dayOf, factsOf, runs, untilTomorrow } from "./arrangement.js";

/**
 * @typedef {import("./arrangement.js").Facts} Facts
 * @typedef {import("./arrangement.js").Run} Run
 * @typedef {import("./arrangement.js").Told} Told
 *
 * @typedef {object} Listed of a line
 * @property {HTMLElement} line
 * @property {Facts} facts
 * @property {boolean} grouped
 * @property {HTMLElement} [day] above it
 * @property {HTMLElement} [fold] whose line it is
 */

/** What this sets on a line, to be kept when the line is redrawn. */
export const ARRANGED = ["grouped", "folded"];

export class Arranged {
  #root;
  #onFold;
  /** @type {WeakMap<Element, Listed>} */
  #lines = new WeakMap();
  /** Those with a day above them. @type {Set<Listed>} */
  #days = new Set();
  /** @type {Set<HTMLElement>} */
  #folds = new Set();
  #today = dayOf(Date.now());
  /** How far the reader's clock is ahead of the server's, at most. */
  #ahead_ms = Infinity;

  /**
   * @param {HTMLElement} root with the lines that the server rendered
   * @param {(fold: HTMLElement, change: () => void) => void} onFold makes a change below a fold that the reader uses
   */
  constructor(root, onFold) {
    this.#root = root;
    this.#onFold = onFold;
    for (const line of root.querySelectorAll(":scope > [data-seq]")) {
      this.know(/** @type {HTMLElement} */ (line), recordOf(/** @type {HTMLElement} */ (line)));
    }
    root.addEventListener("click", ({ target }) => {
      const fold = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".fold"));
      if (fold) this.#setOpen(fold, !isOpen(fold));
    });
    this.#awaitTomorrow();
    this.update();
  }

  /**
   * @param {HTMLElement} line
   * @param {Told} record what it shows now
   */
  know(line, record) {
    const known = this.#lines.get(line);
    const facts = factsOf(record);
    if (known) known.facts = facts;
    else this.#lines.set(line, { line, facts, grouped: line.classList.contains("grouped") });
    this.#ahead_ms = Math.min(this.#ahead_ms, Date.now() - facts.at);
  }

  /**
   * @param {HTMLElement} line of what is being sent
   * @param {Told} pending with the time of the reader's clock, which may be wrong by hours
   */
  expect(line, pending) {
    const facts = factsOf(pending);
    if (this.#ahead_ms < Infinity) facts.at -= this.#ahead_ms;
    facts.day = dayOf(facts.at);
    this.#lines.set(line, { line, facts, grouped: false });
  }

  /** @param {Element} line that is to be seen, whether it is folded or not */
  show(line) {
    const fold = this.#lines.get(line)?.fold;
    if (fold) this.#setOpen(fold, true);
  }

  /** Lines were added, removed or changed. */
  update() {
    const shown = this.#inOrder();
    /** @type {Facts | undefined} */
    let before;
    for (const known of shown) {
      const { line, facts } = known;
      const grouped = continues(before, facts) && !line.classList.contains("first-new");
      if (grouped !== known.grouped) line.classList.toggle("grouped", grouped);
      known.grouped = grouped;
      if ((facts.day !== before?.day) !== (known.day !== undefined)) this.#setDay(known);
      before = facts;
    }
    this.#fold(shown, runs(shown.map(({ facts }) => facts)));
    for (const known of this.#days) if (!known.line.isConnected) this.#setDay(known);
  }

  /** How many elements are between lines. */
  get between() {
    return this.#days.size + this.#folds.size;
  }

  /** Another day may have begun. */
  callDays() {
    const today = dayOf(Date.now());
    if (today === this.#today) return;
    this.#today = today;
    for (const known of this.#days) nameDay(known);
  }

  #awaitTomorrow() {
    setTimeout(() => {
      this.callDays();
      this.#awaitTomorrow();
    }, untilTomorrow(Date.now()) + 1000);
  }

  #inOrder() {
    /** @type {Listed[]} */
    const shown = [];
    for (let line = this.#root.firstElementChild; line; line = line.nextElementSibling) {
      const known = this.#lines.get(line);
      if (known) shown.push(known);
    }
    return shown;
  }

  /** @param {Listed} known whose day is shown above it from now on, or no longer */
  #setDay(known) {
    if (known.day) {
      known.day.remove();
      known.day = undefined;
      this.#days.delete(known);
      return;
    }
    known.day = copyOf("day-template");
    nameDay(known);
    this.#days.add(known);
    known.line.before(known.day);
  }

  /**
   * @param {Listed[]} shown
   * @param {Run[]} found
   */
  #fold(shown, found) {
    /** @type {Set<HTMLElement>} */
    const used = new Set();
    /** @type {Set<Listed>} */
    const inside = new Set();
    for (const run of found) {
      const lines = shown.slice(run.first, run.last + 1);
      const folds = new Set(lines.flatMap(({ fold }) => (fold && !used.has(fold) ? fold : [])));
      const [fold = copyOf("fold-template")] = folds;
      const open = [...folds].some(isOpen);
      used.add(fold);
      tellRun(fold, run);
      if (fold.nextElementSibling !== lines[0].line) placeBefore(fold, lines[0].line);
      for (const known of lines) {
        known.fold = fold;
        inside.add(known);
      }
      this.#apply(fold, lines, open);
    }
    for (const known of shown) if (known.fold && !inside.has(known)) unfold(known);
    for (const fold of this.#folds) if (!used.has(fold)) fold.remove();
    this.#folds = used;
  }

  /**
   * @param {HTMLElement} fold
   * @param {boolean} open
   */
  #setOpen(fold, open) {
    if (isOpen(fold) === open) return;
    const lines = this.#inOrder().filter((known) => known.fold === fold);
    this.#onFold(fold, () => this.#apply(fold, lines, open));
  }

  /**
   * @param {HTMLElement} fold
   * @param {Listed[]} lines
   * @param {boolean} open
   */
  #apply(fold, lines, open) {
    part(fold, "fold").setAttribute("aria-expanded", String(open));
    for (const { line } of lines) {
      if (line.classList.contains("folded") !== open) continue;
      if (line.contains(document.activeElement)) part(fold, "fold").focus({ preventScroll: true });
      line.classList.toggle("folded", !open);
    }
  }
}

/** @param {HTMLElement} fold */
function isOpen(fold) {
  return part(fold, "fold").getAttribute("aria-expanded") === "true";
}

/** @param {Listed} known */
function unfold(known) {
  known.fold = undefined;
  known.line.classList.remove("folded");
}

/** @param {Run} run @returns {string} how many came and left */
export function runText({ joins, exits }) {
  const key = joins && exits ? "both" : joins ? "joins" : "exits";
  return t(`js.fold.${key}`, { joins, exits });
}

/**
 * @param {HTMLElement} fold
 * @param {Run} run
 */
function tellRun(fold, run) {
  const text = runText(run);
  const button = part(fold, "fold");
  if (button.textContent !== text) button.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {Element} line
 */
function placeBefore(element, line) {
  const focused = /** @type {HTMLElement | null} */ (element.querySelector(":focus"));
  line.before(element);
  focused?.focus({ preventScroll: true });
}

/** @param {Listed} known with a day */
function nameDay({ day, facts }) {
  if (day) part(day, "day").textContent = dayName(facts.at, Date.now(), lang);
}

/**
 * @param {HTMLElement} line that the server rendered
 * @returns {Told} what arrangement.js needs of its record
 */
function recordOf(line) {
  const { to, deleted, event, at } = line.dataset;
  const system = line.classList.contains("system");
  return {
    user: system ? "system" : (/** @type {HTMLElement | null} */ (line.querySelector(".chip"))?.dataset.who ?? ""),
    createdAt: at ?? line.querySelector("time")?.dateTime ?? "",
    to,
    deleted: /** @type {"sender" | undefined} */ (deleted),
    event: /** @type {"join" | undefined} */ (event),
    re: /** @type {any} */ (line.querySelector(":scope > .quote") ?? undefined),
    reactions: line.querySelector(".reaction") ? { "?": { count: 1, users: [] } } : undefined,
  };
}

/** What waits for the teacher's decision, each with its two keys. */

import { byId, copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";
import { showKeyed } from "./keyed.js";
import { showSaid } from "./said_line.js";

/**
 * @typedef {import("./flags.js").Flag} Flag
 * @typedef {import("./flags.js").Flags} Flags
 *
 * @typedef {object} WaitingListener
 * @property {(flag: Flag) => void} onShow
 * @property {(flag: Flag) => void} onDrop
 * @property {(user: string) => void} onPerson
 * @property {(room: string) => string} titleOf
 */

export class Waiting {
  #section = byId("waiting");
  #list = byId("waiting-list");
  #queue;
  #listener;

  /**
   * @param {Flags} queue
   * @param {WaitingListener} listener
   */
  constructor(queue, listener) {
    this.#queue = queue;
    this.#listener = listener;
    this.#list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      const flag = this.#flagAt(button);
      if (!button || !flag) return;
      const { action } = button.dataset;
      if (action === "show" || action === "drop") this.decide(action, flag);
      else listener.onPerson(flag.user);
    });
    this.#list.addEventListener("focusin", ({ target }) => {
      const flag = this.#flagAt(/** @type {Element} */ (target));
      if (!flag) return;
      queue.choose(flag.held);
      this.#mark();
    });
  }

  /**
   * @param {"show" | "drop"} action
   * @param {Flag | undefined} [flag] that which the keys mean, if it is not given
   */
  decide(action, flag = this.#queue.current) {
    if (!flag) return;
    const focused = this.#list.contains(document.activeElement);
    if (action === "show") this.#listener.onShow(flag);
    else this.#listener.onDrop(flag);
    if (focused) this.#focus();
  }

  /**
   * By a key: of what is not in view, it only shows which it means.
   * @param {"show" | "drop"} action
   */
  decideInView(action) {
    const row = this.#current();
    const before = row?.getBoundingClientRect().top;
    row?.scrollIntoView({ block: "nearest", behavior: "instant" });
    if (row?.getBoundingClientRect().top === before) this.decide(action);
  }

  /** @param {number} by */
  move(by) {
    this.#queue.move(by);
    this.#mark();
    this.#focus();
  }

  /** To what waits, by the key or the button that lead there. */
  focus() {
    this.#section.scrollIntoView({ block: "nearest" });
    this.#focus();
  }

  /** Whether the focus is here, so that the arrow keys are meant for it. */
  get hasFocus() {
    return this.#list.contains(document.activeElement);
  }

  /** @param {Map<string, import("./rooms.js").Pupil>} pupils who is in a room, by colour */
  show(pupils) {
    const { flags } = this.#queue;
    this.#section.classList.toggle("empty", !flags.length);
    part(this.#section, "none").hidden = flags.length > 0;
    part(this.#section, "keys").hidden = !flags.length;
    part(this.#section, "count").textContent = String(flags.length);
    part(this.#section, "count").hidden = !flags.length;
    showKeyed(this.#list, flags, {
      keyOf: ({ held }) => held,
      make: (flag) => newFlag(flag),
      fill: (row, { room, user, why, word = "", ...flag }) => {
        const seat = pupils.get(user)?.seat ?? flag.seat; // they may have taken it since
        part(row, "seat").hidden = seat === undefined;
        part(row, "seat").textContent = seat ?? "";
        part(row, "room").textContent = this.#listener.titleOf(room);
        part(row, "why").textContent = t(`js.desk.why.${why}`, { word });
      },
    });
    this.#mark();
  }

  #mark() {
    const { current } = this.#queue;
    for (const row of this.#rows()) {
      if (row.dataset.key === current?.held) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  #current() {
    return this.#rows().find((row) => row.hasAttribute("aria-current"));
  }

  #focus() {
    const row = this.#current();
    if (row) /** @type {HTMLElement} */ (row.querySelector('[data-action="show"]')).focus();
    else part(this.#section, "heading").focus();
  }

  /** @param {Element | null} element */
  #flagAt(element) {
    const key = /** @type {HTMLElement | undefined} */ (element?.closest("[data-key]"))?.dataset.key;
    return this.#queue.flags.find(({ held }) => held === key);
  }

  #rows() {
    return /** @type {HTMLElement[]} */ ([...this.#list.children]);
  }
}

/** @param {Flag} flag */
function newFlag(flag) {
  const row = copyOf("flag-template");
  fillChip(row, flag.user);
  showSaid(row, flag);
  return row;
}

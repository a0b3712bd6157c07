/** The list of the room's members: one row each, with its actions. */

import { teaches } from "../allowed.js";
import { byId, copyOf, part } from "../parts.js";
import { fillChip, tell } from "../who.js";

/**
 * @typedef {import("./members.js").Members} Members
 *
 * @typedef {object} Choices
 * @property {(user: string) => void} onWhisper
 * @property {(user: string) => void} onManage
 */

export class People {
  #list = byId("people-list");
  #members;
  #me;
  #drawing = 0;

  /**
   * @param {Members} members
   * @param {string} me
   * @param {Choices} choices
   */
  constructor(members, me, { onWhisper, onManage }) {
    this.#members = members;
    this.#me = me;
    this.#list.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button[data-action]");
      const user = /** @type {HTMLElement | null} */ (button?.closest("[data-user]"))?.dataset.user;
      if (!(button instanceof HTMLButtonElement) || user === undefined) return;
      if (button.dataset.action === "whisper") onWhisper(user);
      if (button.dataset.action === "manage") onManage(user);
    });
  }

  /** The members have changed. Many changes at once are drawn together. */
  changed() {
    this.#drawing ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawing = 0;
    const old = new Map(this.#rows().map((row) => [row.dataset.user, row]));
    let place = this.#list.firstElementChild;
    for (const user of this.#members.inOrder(this.#me)) {
      const row = old.get(user) ?? newRow(user);
      old.delete(user);
      this.#mark(row, user);
      // Leave a row in its place untouched: moving it would take the focus from its buttons.
      if (row === place) place = row.nextElementSibling;
      else this.#list.insertBefore(row, place);
    }
    for (const row of old.values()) row.remove();
  }

  /**
   * @param {HTMLElement} row
   * @param {string} user
   */
  #mark(row, user) {
    const mine = user === this.#me;
    part(row, "teacher").hidden = !this.#members.teaches(user);
    part(row, "owner").hidden = user !== this.#members.owner;
    part(row, "me").hidden = !mine;
    action(row, "whisper").hidden = mine;
    action(row, "name").hidden = !mine;
    action(row, "manage").hidden = mine || this.#members.teaches(user) || !(teaches() || this.#me === this.#members.owner);
  }

  #rows() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("[data-user]")]);
  }
}

/** @param {string} user */
function newRow(user) {
  const row = copyOf("person-template");
  row.dataset.user = user;
  fillChip(row, user);
  tell(action(row, "whisper"), "js.whisper.to", user);
  tell(action(row, "manage"), "js.owner.manage", user);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {string} name
 */
function action(row, name) {
  return /** @type {HTMLButtonElement} */ (row.querySelector(`[data-action="${name}"]`));
}

/** The owner's list of kicked visitors, with a button to readmit each. */

import { byId, copyOf } from "../parts.js";
import { fillChip, tell } from "../who.js";

export class Kicked {
  #section = byId("kicked");
  #list = byId("kicked-list");

  /** @param {string[]} users */
  replace(users) {
    this.#list.replaceChildren(...users.map(newRow));
    this.#section.hidden = users.length === 0;
  }

  /** @param {string} user */
  add(user) {
    if (!this.#row(user)) this.#list.append(newRow(user));
    this.#section.hidden = false;
  }

  /** @param {string} user */
  remove(user) {
    this.#row(user)?.remove();
    this.#section.hidden = this.#list.childElementCount === 0;
  }

  /** @param {string} user */
  #row(user) {
    return this.#list.querySelector(`[data-user="${user}"]`);
  }
}

/** @param {string} user */
function newRow(user) {
  const row = copyOf("kicked-template");
  row.dataset.user = user;
  fillChip(row, user);
  tell(/** @type {HTMLElement} */ (row.querySelector("button")), "js.owner.readmit_user", user);
  return row;
}

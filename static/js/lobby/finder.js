/** The field that finds rooms among all, on whatever page they are, and tells how many it found. */

import { composing } from "../composing.js";
import { part } from "../parts.js";
import { t } from "../texts.js";
import { nameOf } from "../who.js";
import { isMatch } from "./matching.js";

/** @typedef {import("../wire.js").Room} Room */

/** So many can be seen at a glance. The same as in templates/lobby.html. */
const FEW = 12;

export class Finder {
  #form;
  #input;
  #found;

  /**
   * @param {HTMLFormElement} form
   * @param {object} listener
   * @param {() => void} listener.onTyped
   * @param {() => void} listener.onDone by Enter or ArrowDown: the reader goes on to what was found
   */
  constructor(form, { onTyped, onDone }) {
    this.#form = form;
    this.#input = /** @type {HTMLInputElement} */ (form.querySelector("input"));
    this.#found = part(form, "found");
    this.#input.addEventListener("input", onTyped);
    this.#input.addEventListener("keydown", (event) => {
      if (composing(event)) return;
      if (event.key === "ArrowDown") onDone();
      else if (event.key === "Escape" && this.typed) this.#input.value = "";
      else return;
      event.preventDefault();
      onTyped();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onDone();
    });
  }

  get typed() {
    return this.#input.value.trim();
  }

  /**
   * @param {Room[]} rooms
   * @returns {Room[]} those that are meant; all when nothing is typed
   */
  among(rooms) {
    const { typed } = this;
    return typed ? rooms.filter(({ title, owner }) => isMatch(typed, [title, nameOf(owner), owner])) : rooms;
  }

  /**
   * @param {object} count
   * @param {number} count.total of all rooms
   * @param {number} count.found
   * @param {number} count.shown at most a page of them
   * @param {boolean} held whether nothing may move: neither may the field come, nor go while it is used
   */
  tell({ total, found, shown }, held) {
    const wanted = total > FEW || this.typed !== "" || document.activeElement === this.#input;
    if (!held) this.#form.hidden = !wanted;
    this.#say(this.typed ? this.#count(total, found, shown) : "");
  }

  /** The rooms are not known yet. */
  wait() {
    if (this.typed) this.#say(t("js.lobby.loading"));
  }

  /**
   * @param {number} total
   * @param {number} count
   * @param {number} shown
   */
  #count(total, count, shown) {
    if (!count) return t("js.lobby.found_none");
    return t(count > shown ? "js.lobby.found_many" : "js.lobby.found", { total, count, shown });
  }

  /** @param {string} text */
  #say(text) {
    if (this.#found.textContent !== text) this.#found.textContent = text;
  }
}

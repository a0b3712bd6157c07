/** #givers: who gave a reaction, beside its button while that is hovered, focused by keyboard or pressed for long. */

import { byId, copyOf, part } from "../parts.js";
import { showFace } from "../who.js";
import { placed } from "./placed.js";

const HOVER_MS = 350;
const MOST = 12;

export default class Givers {
  #box = byId("givers");
  #people = part(this.#box, "people");
  #more = part(this.#box, "more-people");
  #timer = 0;

  /**
   * @param {HTMLElement} list of lines
   * @param {HTMLElement} area that scrolls
   */
  constructor(list, area) {
    list.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType !== "mouse") return;
      this.#hide();
      const button = reactionAt(target);
      if (button) this.#timer = setTimeout(() => this.show(button), HOVER_MS);
    });
    list.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && this.#hide());
    list.addEventListener("focusin", ({ target }) => {
      const button = reactionAt(target);
      if (button?.matches(":focus-visible")) this.show(button);
    });
    list.addEventListener("focusout", () => this.#hide());
    addEventListener("pointerdown", () => this.#hide(), { capture: true });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.#hide(), { capture: true });
    area.addEventListener("scroll", () => this.#hide(), { passive: true });
    this.show(list.querySelector(".reaction:is(:hover, :focus-visible)")); // this was loaded meanwhile
  }

  /**
   * @param {EventTarget | null} target
   * @returns {boolean} whether it is a reaction
   */
  show(target) {
    const button = reactionAt(target);
    if (!button?.isConnected) return false;
    const users = (button.dataset.who ?? "").split(" ").filter(Boolean);
    this.#people.replaceChildren(...users.slice(0, MOST).map(rowOf));
    const more = Number(part(button, "count").textContent) - Math.min(users.length, MOST);
    this.#more.hidden = more <= 0;
    this.#more.textContent = `+${more}`;
    this.#box.hidden = false;
    const screen = { width: document.documentElement.clientWidth, height: document.documentElement.clientHeight };
    const { left, top } = placed(button.getBoundingClientRect(), this.#box.getBoundingClientRect(), screen, "above");
    this.#box.style.setProperty("--left", `${left}px`);
    this.#box.style.setProperty("--top", `${top}px`);
    return true;
  }

  #hide() {
    clearTimeout(this.#timer);
    this.#box.hidden = true;
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function reactionAt(target) {
  return target instanceof Element ? target.closest(".reaction[data-emoji]") : null;
}

/** @param {string} user */
function rowOf(user) {
  const row = copyOf("giver-template");
  showFace(part(row, "chip"), user);
  return row;
}

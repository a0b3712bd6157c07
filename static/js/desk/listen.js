/** "Everybody listen": nobody can write in any room, and the whole page shows it. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { timeOfDay } from "../when.js";

export class Listen {
  #page = byId("desk");
  #button = byId("listen-btn");
  #state = byId("listen-state");
  #since = "";

  /** @param {(on: boolean) => void} onPressed */
  constructor(onPressed) {
    this.#button.addEventListener("click", () => onPressed(!this.on));
  }

  get on() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  press() {
    this.#button.click();
  }

  /** @param {boolean} on */
  show(on) {
    if (on && !this.on) this.#since = timeOfDay(new Date());
    document.documentElement.classList.toggle("listening", on);
    this.#page.toggleAttribute("data-frozen", on);
    this.#button.setAttribute("aria-pressed", String(on));
    part(this.#button, "label").textContent = t(on ? "js.desk.listen_end" : "js.desk.listen");
    const state = on ? t("js.desk.listening", { since: this.#since }) : "";
    if (this.#state.textContent !== state) this.#state.textContent = state;
  }
}

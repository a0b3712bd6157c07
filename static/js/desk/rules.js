/** What the class may do, and the words that are held back. */

import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { isTooMuch, linesOf } from "./lines.js";

/** @typedef {import("./desk_parts.js").DeskOffice} DeskOffice */

/** @typedef {keyof import("../wire.js").DeskSettings["switches"]} SwitchName */


export class Rules {
  #dialog = byId("desk-rules");
  #words = /** @type {HTMLTextAreaElement} */ (byId("words"));
  #save = /** @type {HTMLButtonElement} */ (part(this.#dialog, "save-words"));
  #state = part(this.#dialog, "words-state");
  #people = /** @type {HTMLInputElement} */ (byId("people-behind"));
  #office;
  /** The list as the server has it, if it is known. @type {string | null} */
  #saved = null;

  /** @param {DeskOffice} office */
  constructor(office) {
    this.#office = office;
    this.#dialog.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-switch]"));
      if (button) this.#turn(/** @type {SwitchName} */ (button.dataset.switch), button.getAttribute("aria-checked") !== "true");
    });
    part(this.#dialog, "people-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#office.acts.expect(this.#people.valueAsNumber);
    });
    this.#words.addEventListener("input", () => this.#count());
    part(this.#dialog, "words-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
  }

  begin() {
    if (this.#saved === null || this.#words.value === this.#saved) this.#load();
  }

  /** Something has changed. */
  show() {
    const switches = this.#office.settings()?.switches;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#dialog.querySelectorAll("[data-switch]"))) {
      const on = switches?.[/** @type {SwitchName} */ (button.dataset.switch)] ?? false;
      button.setAttribute("aria-checked", String(on));
    }
    const people = this.#office.settings()?.people ?? 0;
    part(this.#dialog, "people-form").hidden = !people;
    if (people && document.activeElement !== this.#people) this.#people.value = String(people);
  }

  /**
   * @param {SwitchName} what
   * @param {boolean} on
   */
  #turn(what, on) {
    if (what === "names") this.#office.acts.ask("names", { on });
    else this.#office.acts.ask("allow", { what, on });
  }

  async #load() {
    this.#words.disabled = true;
    this.#state.textContent = t("js.desk.words.loading");
    const answer = /** @type {{ok: true, words: string[]} | import("../wire.js").Refused | null} */ (await this.#office.link.ask("words", {}));
    this.#words.disabled = false;
    if (!answer?.ok) {
      this.#state.textContent = answer ? problemText(answer) : t("js.error.network");
      return;
    }
    this.#saved = this.#words.value = answer.words.join("\n");
    this.#count();
  }

  async #keep() {
    const words = linesOf(this.#words.value);
    if (isTooMuch(words)) {
      this.#state.textContent = t("js.desk.words.too_long");
      return;
    }
    const answer = /** @type {{words: number} | null} */ (await this.#office.acts.ask("words", { words }));
    if (!answer) return;
    this.#saved = this.#words.value = words.join("\n");
    this.#count();
    this.#state.textContent = t("js.desk.words.saved", { count: answer.words });
  }

  #count() {
    this.#state.textContent = t("js.desk.words.count", { count: linesOf(this.#words.value).length });
    this.#save.disabled = this.#words.value === this.#saved;
  }
}

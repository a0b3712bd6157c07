/**
 * What can be opened beside the chat, one at a time: a column on a wide screen, a sheet over the chat on a narrow one.
 *
 * Each panel is one piece of markup, which goes to where there is a place for it.
 */

import { composing } from "../composing.js";
import { byId } from "../parts.js";

/** As in panels.css. */
const WIDE = "(min-width: 56rem)";

/** What a wide screen shows by itself. */
const RESTING = "people";

export class Panels {
  #wide = matchMedia(WIDE);
  #side = byId("side");
  #sheet = /** @type {HTMLDialogElement} */ (byId("sheet"));
  /** @type {Map<string, {panel: HTMLElement, button: HTMLElement}>} by the panel's id */
  #panels;
  /** @type {string | null} */
  #open = null;

  constructor() {
    const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-panel]")]);
    this.#panels = new Map(
      buttons.map((button) => [button.dataset.panel ?? "", { panel: byId(button.dataset.panel ?? ""), button }]),
    );
    for (const [name, { panel, button }] of this.#panels) {
      button.addEventListener("click", () => (this.#open === name ? this.close() : this.open(name)));
      panel.querySelector('[data-action="close"]')?.addEventListener("click", () => this.close());
      panel.addEventListener("keydown", (event) => {
        const dismissed = event.key === "Escape" && !composing(event) && !this.#sheet.open;
        if (dismissed && name !== RESTING) this.close();
      });
    }
    // By Escape, by a phone's "back", or by a touch beside it. Widened, the window has closed it, and not its reader.
    this.#sheet.addEventListener("close", () => !this.#wide.matches && this.close());
    this.#sheet.addEventListener("click", (event) => event.target === this.#sheet && this.#sheet.close());
    this.#wide.addEventListener("change", () => this.#rest());
    this.#rest();
  }

  /** @param {string} name */
  open(name) {
    this.#open = name;
    this.#arrange();
    const panel = this.#panels.get(name)?.panel;
    const first = panel?.querySelector("[autofocus]") ?? panel?.querySelector("h2");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Give the chat its place back; on a wide screen a panel gives way to the one that rests there. */
  close() {
    const left = this.#open;
    if (left === null) return;
    this.#open = this.#wide.matches && left !== RESTING ? RESTING : null;
    this.#arrange();
    this.#panels.get(left)?.button.focus();
  }

  /** Close what covers the chat. */
  uncover() {
    if (this.#sheet.open) this.close();
  }

  #rest() {
    this.#open = this.#wide.matches ? RESTING : null;
    this.#arrange();
  }

  #arrange() {
    const place = this.#wide.matches ? this.#side : this.#sheet;
    for (const [name, { panel, button }] of this.#panels) {
      if (panel.parentElement !== place) place.append(panel);
      panel.hidden = name !== this.#open;
      button.setAttribute("aria-expanded", String(name === this.#open));
    }
    this.#side.hidden = !this.#wide.matches || this.#open === null;
    if (!this.#wide.matches && this.#open !== null) {
      this.#sheet.setAttribute("aria-labelledby", `${this.#open}-title`);
      this.#sheet.dataset.shows = this.#open;
      if (!this.#sheet.open) this.#sheet.showModal();
    } else {
      this.#sheet.close();
    }
  }
}

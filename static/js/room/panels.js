/**
 * The panels beside the chat, one open at a time: in a column on a wide screen, in a sheet over the chat on a narrow
 * one. Each panel is one element, which is moved between the two.
 */

import { composing } from "../composing.js";
import { byId } from "../parts.js";

/** The same as in panels.css. */
const WIDE = "(min-width: 56rem)";

/** Open by default on a wide screen. */
const DEFAULT_PANEL = "people";

export class Panels {
  #wide = matchMedia(WIDE);
  #side = byId("side");
  #sheet = /** @type {HTMLDialogElement} */ (byId("sheet"));
  /** @type {Map<string, {panel: HTMLElement | null, button: HTMLElement}>} by the panel's id */
  #panels = new Map();
  /** @type {string | null} */
  #open = null;
  #load;

  /** @param {(name: string, loaded: () => void) => void} load puts a panel into the page that is not there yet */
  constructor(load) {
    this.#load = load;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-panel]"))) {
      const name = button.dataset.panel ?? "";
      this.#panels.set(name, { panel: null, button });
      button.addEventListener("click", () => (this.#open === name ? this.close() : this.open(name)));
      if (document.getElementById(name)) this.#add(name);
    }
    // Closed by Escape, a phone's "back" or a tap beside it. On a wide screen, #arrange has closed it, not the reader.
    this.#sheet.addEventListener("close", () => !this.#wide.matches && this.close());
    this.#sheet.addEventListener("click", (event) => event.target === this.#sheet && this.#sheet.close());
    this.#wide.addEventListener("change", () => this.#reset());
    this.#reset();
  }

  /** @param {string} name of a panel that is in the page */
  #add(name) {
    const known = this.#panels.get(name);
    if (!known || known.panel) return;
    const panel = byId(name);
    known.panel = panel;
    panel.querySelector('[data-action="close"]')?.addEventListener("click", () => this.close());
    panel.addEventListener("keydown", (event) => {
      const dismissed = event.key === "Escape" && !composing(event) && !this.#sheet.open;
      if (dismissed && name !== DEFAULT_PANEL) this.close();
    });
  }

  /** @param {string} name */
  open(name) {
    const panel = this.#panels.get(name)?.panel;
    if (!panel) {
      this.#load(name, () => {
        this.#add(name);
        this.open(name);
      });
      return;
    }
    this.#open = name;
    this.#arrange();
    const first = panel.querySelector("[autofocus]") ?? panel.querySelector("h2");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Close the open panel; on a wide screen the default panel replaces it. */
  close() {
    const left = this.#open;
    if (left === null) return;
    this.#open = this.#wide.matches && left !== DEFAULT_PANEL ? DEFAULT_PANEL : null;
    this.#arrange();
    this.#panels.get(left)?.button.focus();
  }

  /** Close the sheet over the chat, if it is open. */
  closeSheet() {
    if (this.#sheet.open) this.close();
  }

  #reset() {
    this.#open = this.#wide.matches ? DEFAULT_PANEL : null;
    this.#arrange();
  }

  #arrange() {
    const place = this.#wide.matches ? this.#side : this.#sheet;
    for (const [name, { panel, button }] of this.#panels) {
      if (!panel) continue;
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

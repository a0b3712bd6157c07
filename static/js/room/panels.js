/**
 * The panels beside the chat, one open at a time: in a column on a wide screen, in a sheet over the chat on a narrow
 * one. Each panel is one element, which is moved between the two. Which screens are wide, room.css says.
 */

import { composing } from "../composing.js";
import { byId } from "../parts.js";

/** Open on a wide screen, unless the reader has closed it. */
const DEFAULT_PANEL = "people";

/** Under which the browser remembers that it is closed, in all rooms. */
const CLOSED = "gifchat-people-closed";

export class Panels {
  #room = byId("room");
  #wide = false;
  #side = byId("side");
  #sheet = /** @type {HTMLDialogElement} */ (byId("sheet"));
  /** @type {Map<string, {panel: HTMLElement | null, button: HTMLElement}>} by the panel's id */
  #panels = new Map();
  /** @type {string | null} */
  #open = null;
  #load;
  #kept;

  /**
   * @param {(name: string, loaded: () => void) => void} load puts a panel into the page that is not there yet
   * @param {Storage | null} kept
   */
  constructor(load, kept) {
    this.#load = load;
    this.#kept = kept;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-panel]"))) {
      const name = button.dataset.panel ?? "";
      this.#panels.set(name, { panel: null, button });
      button.addEventListener("click", () => (this.#open === name ? this.close() : this.open(name)));
      if (document.getElementById(name)) this.#add(name);
    }
    // Closed by Escape, a phone's "back" or a tap beside it. On a wide screen, #arrange has closed it, not the reader.
    this.#sheet.addEventListener("close", () => !this.#wide && this.close());
    this.#sheet.addEventListener("click", (event) => event.target === this.#sheet && this.#sheet.close());
    this.#wide = this.#isWide();
    this.#reset();
    // The window's width has changed, or the size of the text.
    const sizes = new ResizeObserver(() => {
      if (this.#wide === this.#isWide()) return;
      this.#wide = !this.#wide;
      this.#reset();
    });
    for (const element of [this.#room, byId("title")]) sizes.observe(element);
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
    this.#remember(name, true);
    this.#arrange();
    const first = panel.querySelector("[autofocus]") ?? panel.querySelector("h2");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Close the open panel; on a wide screen the default panel replaces it, unless the reader has closed that. */
  close() {
    const left = this.#open;
    if (left === null) return;
    this.#remember(left, false);
    this.#open = this.#usual;
    this.#arrange();
    this.#panels.get(left)?.button.focus();
  }

  /** Close the sheet over the chat, if it is open. */
  closeSheet() {
    if (this.#sheet.open) this.close();
  }

  #isWide() {
    return getComputedStyle(this.#room).getPropertyValue("--beside") !== "";
  }

  /** The panel that is open when no other is. */
  get #usual() {
    return this.#wide && this.#kept?.getItem(CLOSED) == null ? DEFAULT_PANEL : null;
  }

  /**
   * @param {string} name
   * @param {boolean} open as the reader wants it
   */
  #remember(name, open) {
    if (!this.#wide || name !== DEFAULT_PANEL) return;
    try {
      if (open) this.#kept?.removeItem(CLOSED);
      else this.#kept?.setItem(CLOSED, "");
    } catch {
      // There is no space for it; the panel is as wanted until the reader leaves.
    }
  }

  #reset() {
    this.#open = this.#usual;
    this.#arrange();
  }

  #arrange() {
    const place = this.#wide ? this.#side : this.#sheet;
    for (const [name, { panel, button }] of this.#panels) {
      if (!panel) continue;
      if (panel.parentElement !== place) place.append(panel);
      panel.hidden = name !== this.#open;
      button.setAttribute("aria-expanded", String(name === this.#open));
    }
    this.#side.hidden = !this.#wide || this.#open === null;
    if (!this.#wide && this.#open !== null) {
      this.#sheet.setAttribute("aria-labelledby", `${this.#open}-title`);
      this.#sheet.dataset.shows = this.#open;
      if (!this.#sheet.open) this.#sheet.showModal();
    } else {
      this.#sheet.close();
    }
  }
}

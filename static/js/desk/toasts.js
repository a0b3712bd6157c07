/** What was just done, for as long as it can be undone; and what went wrong, until it is read. */

import { byId, copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { UNDO_MS } from "./later_acts.js";

/** More than these hide what is below them. */
const MOST = 4;

export class Toasts {
  #place = byId("told");
  #list = byId("toasts");
  #alerts = byId("alerts");
  /** What undoes what, newest last. @type {Map<HTMLElement, () => void>} */
  #undos = new Map();
  /** What had the focus before. @type {WeakMap<HTMLElement, Element | null>} */
  #from = new WeakMap();

  constructor() {
    const dialogs = new MutationObserver(() => this.#settle());
    dialogs.observe(document.body, { attributeFilter: ["open"], subtree: true });
  }

  /**
   * @param {string} text
   * @param {() => void} [undo]
   */
  done(text, undo) {
    const toast = this.#show(this.#list, text);
    if (undo) {
      this.#undos.set(toast, undo);
      toast.querySelector('[data-action="undo"]')?.addEventListener("click", () => this.#undo(toast));
    } else letNoUndo(toast);
    setTimeout(() => this.#remove(toast), UNDO_MS);
  }

  /** @param {string} text */
  failed(text) {
    for (const told of this.#alerts.children) if (part(told, "text").textContent === text) told.remove();
    const toast = this.#show(this.#alerts, text);
    toast.classList.add("trouble");
    letNoUndo(toast);
  }

  /** Undo the latest that can be undone. */
  undoLatest() {
    const latest = [...this.#undos.keys()].at(-1);
    if (latest) this.#undo(latest);
  }

  /**
   * @param {HTMLElement} list
   * @param {string} text
   */
  #show(list, text) {
    const toast = copyOf("toast-template");
    part(toast, "text").textContent = text;
    const close = /** @type {HTMLElement} */ (toast.querySelector('[data-action="close"]'));
    close.setAttribute("aria-label", `${t("js.desk.close")}: ${text}`);
    close.addEventListener("click", () => this.#remove(toast));
    if (list.childElementCount >= MOST) this.#remove(/** @type {HTMLElement} */ (list.firstElementChild));
    this.#settle();
    list.append(toast);
    this.#from.set(toast, document.activeElement);
    return toast;
  }

  /** Be within the dialog that is open: nothing outside it can be pressed. */
  #settle() {
    const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
    if (this.#place.parentElement === home) return;
    const begun = [...this.#list.querySelectorAll(".toast-time")].map((bar) => bar.getAnimations()[0]?.currentTime ?? 0);
    home.append(this.#place);
    for (const [at, bar] of [...this.#list.querySelectorAll(".toast-time")].entries()) {
      const [running] = bar.getAnimations(); // begins anew where it is moved to
      if (running) running.currentTime = begun[at];
    }
  }

  /** @param {HTMLElement} toast */
  #undo(toast) {
    const undo = this.#undos.get(toast);
    this.#remove(toast);
    undo?.();
  }

  /** @param {HTMLElement} toast */
  #remove(toast) {
    const focused = toast.contains(document.activeElement);
    this.#undos.delete(toast);
    toast.remove();
    if (focused) /** @type {HTMLElement | null} */ (this.#from.get(toast))?.focus();
  }
}

/** @param {HTMLElement} toast */
function letNoUndo(toast) {
  toast.querySelector('[data-action="undo"]')?.remove();
  part(toast, "time").remove();
}

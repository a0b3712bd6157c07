/** The lessons' programs: shows one at a time, highlighted, with a button to copy it. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { tokens } from "./tokens.js";

const COPIED_MS = 2000;

export class Code {
  #tabs = /** @type {HTMLElement[]} */ ([...byId("code").querySelectorAll('[role="tab"]')]);

  constructor() {
    for (const tab of this.#tabs) {
      tab.addEventListener("click", () => this.#select(tab));
      tab.addEventListener("keydown", (event) => this.#move(event));
    }
    for (const program of /** @type {NodeListOf<HTMLElement>} */ (byId("code").querySelectorAll(".program"))) {
      const code = /** @type {HTMLElement} */ (program.querySelector("code"));
      colour(code);
      const button = part(program, "copy");
      button.addEventListener("click", () => copy(code, button));
    }
  }

  /** @param {string} lesson */
  show(lesson) {
    const tab = this.#tabs.find((one) => one.dataset.lesson === lesson);
    if (tab) this.#select(tab);
  }

  /** @param {HTMLElement} chosen */
  #select(chosen) {
    for (const tab of this.#tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls") ?? "").hidden = tab !== chosen;
    }
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = this.#tabs.indexOf(/** @type {HTMLElement} */ (event.currentTarget)) + step;
    const tab = this.#tabs[Math.min(Math.max(at, 0), this.#tabs.length - 1)];
    this.#select(tab);
    tab.focus();
  }
}

/** @param {HTMLElement} code */
function colour(code) {
  const language = code.dataset.language === "py" ? "py" : "js";
  code.replaceChildren(
    ...tokens(code.textContent ?? "", language).map(({ text, kind }) => {
      if (!kind) return text;
      const span = document.createElement("span");
      span.className = `token-${kind}`;
      span.textContent = text;
      return span;
    }),
  );
}

/**
 * @param {HTMLElement} code
 * @param {HTMLElement} button whose label confirms the copy
 */
async function copy(code, button) {
  const text = code.textContent ?? "";
  // Browsers allow the clipboard only on secure pages; on a classroom's plain HTTP page, only execCommand works.
  if (navigator.clipboard) await navigator.clipboard.writeText(text).catch(() => copySelected(code));
  else copySelected(code);
  button.textContent = t("js.lessons.copied");
  setTimeout(() => (button.textContent = t("js.lessons.copy")), COPIED_MS);
}

/** @param {HTMLElement} code */
function copySelected(code) {
  getSelection()?.selectAllChildren(code);
  document.execCommand("copy");
}

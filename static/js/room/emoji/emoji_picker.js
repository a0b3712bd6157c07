/** #emojis: the dialog to choose any emoji, by group, by search in both languages, and by keyboard. */

import { composing } from "../../composing.js";
import { getJson } from "../../http.js";
import { byId, part } from "../../parts.js";
import { t } from "../../texts.js";
import { EmojiUses } from "../emoji_uses.js";
import { findEmoji, parse, toned } from "./catalogue.js";
import { drawable } from "./drawable.js";
import { EmojiGrid } from "./grid.js";

/**
 * @typedef {import("../emoji_uses.js").Store} Store
 * @typedef {import("./catalogue.js").Emoji} Emoji
 */

/** What can only be written in one of the languages. @type {Record<string, RegExp>} */
const WRITTEN = { ko: /[ㄱ-ㅎㅏ-ㅣ가-힣]/, en: /[a-z]/i };

export default class EmojiPicker {
  #dialog = /** @type {HTMLDialogElement} */ (byId("emojis"));
  #input = /** @type {HTMLInputElement} */ (byId("emoji-text"));
  #tone = /** @type {HTMLSelectElement} */ (byId("emoji-tone"));
  #state = part(this.#dialog, "state");
  #uses;
  #grid;
  #onChosen = /** @type {(emoji: string) => void} */ (() => {});
  /** @type {Map<string, Promise<Emoji[][]>>} by language */
  #files = new Map();
  /** In the page's language. @type {Emoji[]} */
  #all = [];
  /** @type {Map<string, Emoji>} the same in the other one, once it was written */
  #elsewhere = new Map();

  /** @param {Store | null} store */
  constructor(store) {
    const uses = new EmojiUses(store, []);
    this.#uses = uses;
    this.#tone.value = uses.tone;
    // On a touch screen, the focus would open the keyboard over the emoji.
    this.#input.toggleAttribute("autofocus", matchMedia("(hover: hover)").matches);
    this.#grid = new EmojiGrid(part(this.#dialog, "all"), {
      onChosen: (emoji) => this.#choose(emoji),
      onLeft: () => this.#input.focus(),
      onTyped: (letter) => {
        this.#input.focus();
        this.#input.value += letter;
        this.#search();
      },
    });
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    this.#input.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#grid.focus();
    });
    this.#tone.addEventListener("change", () => {
      uses.tone = this.#tone.value;
      this.#grid.tone((emoji) => toned(emoji, uses.tone));
    });
    this.#dialog.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (target === this.#dialog || button?.dataset.action === "close") this.close();
      if (button?.dataset.group) this.#go(Number(button.dataset.group));
    });
  }

  /** @param {(emoji: string) => void} onChosen */
  open(onChosen) {
    if (this.#dialog.open) return; // asked for twice
    this.#onChosen = onChosen;
    this.#input.value = "";
    this.#dialog.showModal();
    this.#show();
  }

  close() {
    this.#dialog.close();
  }

  async #show() {
    try {
      if (!this.#all.length) await this.#draw();
      const { recent } = this.#uses;
      this.#grid.recent(recent);
      /** @type {HTMLElement} */ (this.#dialog.querySelector('[data-group="0"]')).hidden = !recent.length;
      this.#search();
    } catch {
      this.#state.textContent = t("js.error.network");
    }
  }

  async #draw() {
    this.#state.textContent = t("js.emoji.loading");
    const isDrawn = drawable(this.#tone);
    const groups = (await this.#file(this.#dialog.dataset.lang ?? "ko")).map((group) => group.filter(isDrawn));
    this.#all = groups.flat();
    this.#grid.tone((emoji) => toned(emoji, this.#uses.tone));
    this.#grid.draw(groups);
  }

  /** @param {string} lang */
  #file(lang) {
    const known = this.#files.get(lang);
    if (known) return known;
    const file = getJson(`${this.#dialog.dataset.file}${lang}.json`).then(parse);
    this.#files.set(lang, file);
    file.catch(() => this.#files.delete(lang)); // the next time fetches it again
    return file;
  }

  async #search() {
    const query = this.#input.value.trim();
    const found = query ? findEmoji(this.#all, query, this.#elsewhere) : null;
    this.#grid.found(found);
    this.#state.textContent = found ? t(found.length ? "js.emoji.found" : "js.emoji.none", { count: found.length }) : "";
    const other = this.#dialog.dataset.lang === "ko" ? "en" : "ko";
    if (this.#elsewhere.size || !WRITTEN[other].test(query)) return;
    const groups = await this.#file(other).catch(() => []);
    if (this.#elsewhere.size || !groups.length) return;
    this.#elsewhere = new Map(groups.flat().map((one) => [one.emoji, one]));
    this.#search();
  }

  /** @param {number} group */
  #go(group) {
    this.#input.value = "";
    this.#search();
    this.#grid.go(group);
  }

  /** @param {KeyboardEvent} event in the field */
  #pressed(event) {
    if (composing(event)) return;
    if (event.key === "ArrowDown") this.#grid.focus();
    else if (event.key === "Escape" && this.#input.value) {
      this.#input.value = "";
      this.#search();
    } else return;
    event.preventDefault();
  }

  /** @param {string} emoji */
  #choose(emoji) {
    this.close();
    this.#uses.add(emoji);
    this.#onChosen(emoji);
  }
}

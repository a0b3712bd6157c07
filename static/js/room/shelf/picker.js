/** The panel of GIFs to send without a file: the shelf, the room's recent ones, and the visitor's own. */

import { composing } from "../../composing.js";
import { Refusal, getJson } from "../../http.js";
import { byId, part } from "../../parts.js";
import { lang, problemText, t } from "../../texts.js";
import { addressOf } from "../pictures/address.js";
import { find } from "./catalogue.js";
import { GifGrid } from "./grid.js";

/**
 * @typedef {import("../uploads.js").Gif} Gif
 * @typedef {import("./catalogue.js").Entry} Entry
 * @typedef {import("./grid.js").Choice} Choice
 */

const CATALOGUE = "/static/shelf/shelf.json";

export default class Picker {
  #sent;
  #panel = byId("shelf");
  #sheet = byId("sheet");
  #input = /** @type {HTMLInputElement} */ (byId("shelf-text"));
  #state = part(this.#panel, "state");
  #trouble = part(this.#panel, "trouble");
  #tabs = /** @type {HTMLButtonElement[]} */ ([...this.#panel.querySelectorAll("[role=tab]")]);
  #grid;
  /** What is shown: shelf, recent or mine. */
  #shown = "shelf";
  /** @type {Promise<Entry[]> | null} */
  #catalogue = null;
  /** Numbers the requests, so that a late answer to an earlier one is dropped. */
  #request = 0;

  /**
   * @param {string} room
   * @param {(gif: Gif) => string | null} onChosen returns what is wrong with it, if anything
   */
  constructor(room, onChosen) {
    this.#sent = `/room/${room}/gifs`;
    // On a touch screen, the focus would open the keyboard over half of the GIFs.
    this.#input.toggleAttribute("autofocus", matchMedia("(hover: hover)").matches);
    this.#grid = new GifGrid(part(this.#panel, "gifs"), {
      onChosen: (gif) => {
        this.#trouble.textContent = onChosen(gif) ?? "";
      },
      onLeft: () => this.#input.focus(),
    });
    byId("shelf-btn").addEventListener("click", () => this.#begin());
    this.#input.addEventListener("focus", () => {
      this.#sheet.dataset.searching = "";
    });
    this.#input.addEventListener("input", () => this.#show("shelf"));
    this.#input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || composing(event)) return;
      event.preventDefault();
      this.#grid.focus();
    });
    // Submitting sends nothing: on a phone this key should close the keyboard.
    this.#input.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#grid.focus();
    });
    for (const [at, tab] of this.#tabs.entries()) {
      tab.addEventListener("click", () => this.#choose(tab));
      tab.addEventListener("keydown", ({ key }) => {
        const step = Number(key === "ArrowRight") - Number(key === "ArrowLeft");
        if (step) this.#choose(this.#tabs[(at + step + this.#tabs.length) % this.#tabs.length]);
      });
    }
    this.#begin(); // it is made when it is first opened
  }

  #begin() {
    this.#input.value = "";
    delete this.#sheet.dataset.searching;
    this.#show(this.#shown);
  }

  /** @param {HTMLButtonElement} tab */
  #choose(tab) {
    this.#input.value = "";
    tab.focus();
    this.#show(tab.dataset.shows ?? "");
  }

  /** @param {string} name */
  async #show(name) {
    const request = ++this.#request;
    if (name !== this.#shown) {
      this.#grid.show([]);
      this.#state.textContent = "";
    }
    this.#shown = name;
    this.#trouble.textContent = "";
    for (const tab of this.#tabs) {
      const chosen = tab.dataset.shows === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) part(this.#panel, "shown").setAttribute("aria-labelledby", tab.id);
    }
    try {
      const choices = await (name === "shelf" ? this.#onShelf() : this.#sentGifs(name));
      if (request !== this.#request) return;
      this.#grid.show(choices);
      this.#state.textContent = this.#summary(choices.length);
    } catch (failure) {
      if (request !== this.#request) return;
      this.#grid.show([]);
      this.#state.textContent = failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
  }

  /** @returns {Promise<Choice[]>} */
  async #onShelf() {
    this.#catalogue ??= getJson(CATALOGUE);
    const catalogue = this.#catalogue;
    catalogue.catch(() => (this.#catalogue = null)); // so that the next time fetches it again
    const entries = find(await catalogue, this.#input.value);
    return entries.map(({ ko, en, ...gif }) => choice(gif, (lang === "ko" ? ko : en)[0]));
  }

  /**
   * @param {string} name
   * @returns {Promise<Choice[]>}
   */
  async #sentGifs(name) {
    const { [name]: gifs } = /** @type {Record<string, Gif[]>} */ (await getJson(this.#sent));
    return gifs.map((gif, index) => choice(gif, t("js.shelf.sent", { number: index + 1 })));
  }

  /** @param {number} count */
  #summary(count) {
    if (this.#shown !== "shelf") return count ? "" : t(`js.shelf.none_${this.#shown}`);
    if (!this.#input.value.trim()) return "";
    return count ? t("js.search.found", { count }) : t("js.shelf.none");
  }
}

/**
 * @param {Gif} gif
 * @param {string} label
 * @returns {Choice}
 */
function choice(gif, label) {
  const still = addressOf(gif.poster ?? gif.name);
  if (gif.flashes) return { gif, label: `${label} · ${t("js.picture.flashing")}`, still, moving: still };
  return { gif, label, still, moving: addressOf(gif.name) };
}

/** The search panel: what is found as it is typed, newest first, and the way from there into the chat. */

import { Refusal, getJson } from "../http.js";
import { byId, copyOf, part } from "../parts.js";
import { keptText } from "../text.js";
import { problemText, t } from "../texts.js";
import { showTime } from "../when.js";
import { fillChip, hear } from "../who.js";
import { excerpt, pieces } from "./excerpt.js";
import { Search } from "./search.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./excerpt.js").Piece} Piece
 */

/** A pause in the typing. An input method's unfinished syllable counts as typed: it is what the reader sees. */
const PAUSE_MS = 300;
const PAGE = 50;

export default class Finder {
  #room;
  #newest;
  #panel = byId("search");
  #input = /** @type {HTMLInputElement} */ (byId("search-text"));
  #state = part(this.#panel, "state");
  #results = part(this.#panel, "results");
  #more = /** @type {HTMLButtonElement} */ (part(this.#panel, "more"));
  #word = "";
  /** @type {Search | null} the current search */
  #search = null;
  /** @type {Map<string, ChatRecord>} by the seq in the markup */
  #found = new Map();
  #pause = 0;

  /**
   * @param {string} room
   * @param {object} conversation
   * @param {(record: ChatRecord) => ChatRecord} conversation.newest returns the newest known state
   * @param {(record: ChatRecord) => Promise<boolean>} onChosen shows a record in the chat; false if it cannot
   */
  constructor(room, { newest }, onChosen) {
    this.#room = room;
    this.#newest = newest;
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => keptText(this.#input.value) !== this.#word && this.#begin(), PAUSE_MS);
    });
    this.#input.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#pause);
      this.#begin();
    });
    this.#more.addEventListener("click", () => this.#search && this.#goOn(this.#search));
    this.#results.addEventListener("click", async (event) => {
      const row = /** @type {Element} */ (event.target).closest("button");
      const record = this.#found.get(row?.dataset.seq ?? "");
      if (!row || !record) return;
      if (!(await onChosen(record))) this.#showWhole(row, record);
    });
  }

  /** Search again: the results may no longer exist. */
  again() {
    if (this.#word) this.#begin();
  }

  #begin() {
    const word = keptText(this.#input.value);
    this.#word = word;
    this.#found.clear();
    this.#results.replaceChildren();
    this.#search = null;
    this.#more.hidden = true;
    this.#state.textContent = "";
    if (!word) return;
    const address = `/room/${this.#room}/search?q=${encodeURIComponent(word)}&limit=${PAGE}`;
    this.#search = new Search((before) => getJson(before === null ? address : `${address}&before=${before}`));
    this.#goOn(this.#search);
  }

  /** @param {Search} search */
  async #goOn(search) {
    this.#more.hidden = true;
    this.#state.textContent = t("js.search.searching");
    let trouble = "";
    try {
      for await (const records of search.stage()) {
        if (search !== this.#search) return; // the reader has entered another word
        hear(records);
        this.#add(records);
      }
    } catch (failure) {
      trouble = failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
    if (search !== this.#search) return;
    this.#more.hidden = !search.more;
    this.#state.textContent = trouble || this.#summary(search.more);
  }

  /** @param {boolean} more */
  #summary(more) {
    const count = this.#found.size;
    if (count) return t(more ? "js.search.found_more" : "js.search.found", { count });
    return t(more ? "js.search.none_yet" : "js.search.none");
  }

  /** @param {ChatRecord} record that has changed or was deleted */
  changed(record) {
    const key = String(record.seq);
    if (!this.#found.has(key)) return;
    const row = this.#results.querySelector(`[data-seq="${key}"]`)?.closest("li");
    if (!record.deleted) {
      this.#found.set(key, record);
      row?.replaceChildren(...this.#row(record).children);
      return;
    }
    this.#found.delete(key);
    if (row?.contains(document.activeElement)) this.#input.focus();
    row?.remove();
    if (this.#search) this.#state.textContent = this.#summary(this.#search.more);
  }

  /** @param {ChatRecord[]} told newest first */
  #add(told) {
    const records = told.map(this.#newest).filter(({ deleted }) => !deleted);
    for (const record of records) this.#found.set(String(record.seq), record);
    this.#results.append(...records.map((record) => this.#row(record)));
  }

  /** @param {ChatRecord} record */
  #row(record) {
    const item = copyOf("result-template");
    const { seq, user, createdAt, to, chat = "" } = record;
    /** @type {HTMLElement} */ (item.querySelector("button")).dataset.seq = String(seq);
    fillChip(item, user);
    part(item, "whisper").hidden = to === undefined;
    showTime(/** @type {HTMLTimeElement} */ (part(item, "time")), createdAt);
    part(item, "text").replaceChildren(...excerpt(chat, this.#word).map(marked));
    return item;
  }

  /**
   * @param {HTMLElement} row
   * @param {ChatRecord} record that the chat cannot show
   */
  #showWhole(row, { chat = "" }) {
    part(row, "text").replaceChildren(...pieces(chat, this.#word).map(marked));
    part(row, "far").hidden = false;
  }
}

/** @param {Piece} piece */
function marked({ text, hit }) {
  if (!hit) return document.createTextNode(text);
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

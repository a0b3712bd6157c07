/** The server's counts for the lessons over all browsers: now, since it started, and in the last ten seconds. */

import { part } from "../parts.js";
import { lang, t } from "../texts.js";

/** @typedef {Record<string, {open: number, requests: number, sent: number, received: number}>} Counts */

const RECENT_MS = 10_000;
const EVERY_MS = 1000;
const GROWING = /** @type {const} */ (["requests", "sent", "received"]);

export class CountTable {
  #rows;
  /** @type {{at: number, counts: Counts}[]} of the last ten seconds and the one before them, oldest first */
  #past = [];

  /** @param {HTMLElement} table */
  constructor(table) {
    this.#rows = /** @type {HTMLElement[]} */ ([...table.querySelectorAll("tr[data-lesson]")]);
    setInterval(() => this.#show(), EVERY_MS);
  }

  /** @param {Counts} counts */
  show(counts) {
    const before = this.#past.at(-1)?.counts;
    // The server has restarted and counts from 0 again.
    if (before && Object.keys(before).some((lesson) => counts[lesson]?.requests < before[lesson].requests)) this.#past = [];
    this.#past.push({ at: performance.now(), counts });
    this.#show();
  }

  #show() {
    const now = this.#past.at(-1)?.counts;
    if (!now) return;
    const past = performance.now() - RECENT_MS;
    while (this.#past.length > 1 && this.#past[1].at <= past) this.#past.shift();
    const then = this.#past[0].counts;
    for (const row of this.#rows) {
      const { lesson = "" } = row.dataset;
      const counts = now[lesson];
      if (!counts) continue;
      part(row, "open").textContent = counts.open.toLocaleString(lang);
      for (const name of GROWING) {
        part(row, name).textContent = counts[name].toLocaleString(lang);
        const more = counts[name] - (then[lesson]?.[name] ?? 0);
        part(row, `${name}-lately`).textContent = more ? t("js.lessons.lately", { more: more.toLocaleString(lang) }) : "";
      }
    }
  }
}

/** The charts of all lanes: requests, bytes, delay and bytes per message. Redrawn every EVERY_MS while a lane runs. */

import { byId } from "../parts.js";
import { lang, t } from "../texts.js";
import { Bars, Chart } from "./chart.js";
import { bytesText } from "./passage.js";

/** @typedef {import("./lane.js").Lane<any>} Lane */

const EVERY_MS = 400;

/** @param {string} id */
const root = (id) => /** @type {SVGElement} */ (/** @type {unknown} */ (byId(id)));

export class Charts {
  #lanes;
  #charts = {
    requests: new Chart(root("chart-requests"), "steps", (count) => count.toLocaleString(lang)),
    bytes: new Chart(root("chart-bytes"), "steps", (bytes) => bytesText(bytes, lang, 1000)),
    delay: new Chart(root("chart-delay"), "dots", (ms) => t("js.lessons.seconds", { s: (ms / 1000).toLocaleString(lang) })),
  };
  #each = new Bars(root("chart-each"), (bytes) => bytesText(bytes, lang));
  /** The time of the first passage. @type {number | null} */
  #from = null;
  #to = 0;
  #timer = 0;

  /** @param {Lane[]} lanes */
  constructor(lanes) {
    this.#lanes = lanes;
    this.#draw();
  }

  /** There was a passage, or a lane was started or stopped. */
  changed() {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#draw();
      if (this.#lanes.some(({ running }) => running)) this.changed();
    }, EVERY_MS);
  }

  reset() {
    this.#from = null;
    this.#draw();
  }

  #draw() {
    const running = this.#lanes.some((lane) => lane.running);
    const firsts = this.#lanes.map(({ meter }) => meter.series.bytes[0]?.[0] ?? Infinity);
    this.#from ??= Number.isFinite(Math.min(...firsts)) ? Math.min(...firsts) : null;
    const from = this.#from ?? 0;
    if (running || this.#to < from) this.#to = performance.now();
    for (const name of /** @type {const} */ (["requests", "bytes", "delay"])) {
      const lines = this.#lanes.map(({ lesson, meter }) => ({
        lesson,
        name: t(`js.lessons.short.${lesson}`),
        points: meter.series[name],
      }));
      this.#charts[name].draw(lines, from, this.#from === null ? from : this.#to);
    }
    this.#each.draw(
      this.#lanes.flatMap(({ lesson, meter: { bytesPerMessage } }) =>
        bytesPerMessage === undefined
          ? []
          : [{ lesson, name: t(`js.lessons.short.${lesson}`), amount: Math.round(bytesPerMessage) }],
      ),
    );
  }
}

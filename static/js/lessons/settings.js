/** The sliders: the interval and size of events, and the polling interval. */

import { byId, part } from "../parts.js";
import { lang, t } from "../texts.js";

/** @typedef {import("./ask.js").LaneSettings} LaneSettings */

export class SettingsForm {
  #form = /** @type {HTMLFormElement} */ (byId("settings"));

  /** @param {() => void} onChange called when a slider is released */
  constructor(onChange) {
    this.#form.addEventListener("input", () => this.#show());
    this.#form.addEventListener("change", onChange);
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#show();
  }

  /** @returns {LaneSettings} */
  get values() {
    const form = new FormData(this.#form);
    return { everyMs: Number(form.get("every")), bytes: Number(form.get("bytes")), pollMs: Number(form.get("poll")) };
  }

  #show() {
    const { everyMs, bytes, pollMs } = this.values;
    const seconds = (/** @type {number} */ ms) => t("js.lessons.seconds", { s: (ms / 1000).toLocaleString(lang) });
    part(this.#form, "every-value").textContent = seconds(everyMs);
    part(this.#form, "poll-value").textContent = seconds(pollMs);
    part(this.#form, "bytes-value").textContent = bytes
      ? t("js.lessons.at_least", { bytes: bytes.toLocaleString(lang) })
      : t("js.lessons.short_message");
  }
}

/** #silence: why nothing can be said now, above the field of a message. In slow mode, the button counts down. */

import { byId } from "../parts.js";
import { t } from "../texts.js";
import { timeOfDay } from "../when.js";
import { Silence } from "./silence.js";

export default class SilenceView {
  #bar = byId("silence");
  #button;
  #send;
  #silence;
  #timer = 0;
  /** Whether the reader has tried to send something nevertheless. */
  #tried = false;

  /**
   * @param {HTMLFormElement} form
   * @param {string} room
   */
  constructor(form, room) {
    form.prepend(this.#bar);
    this.#button = /** @type {HTMLElement} */ (form.querySelector("[type=submit]"));
    this.#send = this.#button.textContent ?? "";
    this.#silence = new Silence(room);
  }

  /** @param {Parameters<Silence["rules"]>[0]} room */
  rules(room) {
    this.#silence.rules(room);
    this.#show();
  }

  /** @param {Parameters<Silence["mute"]>[0]} mute */
  mute(mute) {
    this.#silence.mute(mute);
    this.#show();
  }

  /** The reader has said something. */
  said() {
    this.#silence.said(Date.now());
    this.#show();
  }

  /** Why nothing can be said now. @returns {string | null} */
  get refusal() {
    const seconds = this.#silence.wait_s(Date.now());
    return this.#reason || (seconds ? t("js.silence.soon", { seconds }) : null);
  }

  /**
   * Refuse what the reader sends if nothing can be said now. What was written stays.
   * @returns {string | null} why; empty if it is told here
   */
  refuse() {
    this.#tried = this.#reason !== "";
    this.#show();
    return this.#tried ? "" : this.refusal;
  }

  get #reason() {
    if (this.#silence.frozen) return t("js.silence.frozen");
    const until = this.#silence.mutedUntil(Date.now());
    return until === null ? "" : t("js.silence.muted", { time: timeOfDay(new Date(until)) });
  }

  #show() {
    const reason = this.#reason;
    this.#tried &&= reason !== "";
    const told = this.#tried ? t("js.silence.kept", { reason }) : reason;
    if (this.#bar.textContent !== told) this.#bar.textContent = told; // it is announced
    this.#bar.hidden = !reason;
    this.#bar.classList.toggle("tried", this.#tried);
    const seconds = reason ? 0 : this.#silence.wait_s(Date.now());
    const label = seconds ? t("js.silence.seconds", { seconds }) : this.#send;
    if (this.#button.textContent !== label) this.#button.textContent = label;
    this.#button.classList.toggle("waits", seconds > 0);
    clearTimeout(this.#timer);
    if (seconds > 0 || this.#silence.mutedUntil(Date.now()) !== null) this.#timer = setTimeout(() => this.#show(), 1000);
  }
}

/** Tells a reader who does not see the end of the chat that something was said: by a sound, by a notification. */

import { copyOf, part } from "../../parts.js";
import { t } from "../../texts.js";
import { nameOf } from "../../who.js";
import { pictureText } from "../pictures/motif.js";
import { AlertChoices } from "./choices.js";
import { Notices } from "./notices.js";
import { Sound } from "./sound.js";

/**
 * @typedef {import("../../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./choices.js").AlertChoice} AlertChoice
 * @typedef {import("./choices.js").AlertKind} AlertKind
 */

const MOST_CHARACTERS = 140;

/** Between two sounds, however much is said. */
const PAUSE_MS = 2000;

export default class Alerts {
  #choices;
  #sound = new Sound();
  #notices;
  #form = copyOf("alerts-template");
  #heardAt = -Infinity;

  /**
   * @param {Storage | null} store
   * @param {string} room
   * @param {HTMLElement} menu of what the reader can choose
   */
  constructor(store, room, menu) {
    this.#choices = new AlertChoices(store);
    this.#notices = new Notices(room);
    // With the page's other choices, which are sent to the server; these are not.
    menu.querySelector("form > button")?.before(this.#form);
    this.#form.addEventListener("change", (event) => {
      event.stopPropagation();
      const { dataset, value } = /** @type {HTMLSelectElement} */ (event.target);
      this.#choose(/** @type {AlertKind} */ (dataset.alert), /** @type {AlertChoice} */ (value));
    });
    if (this.#choices.of("sound") !== "none") this.#sound.prepare();
    this.#show();
  }

  /**
   * Somebody has said something that the reader does not see.
   * @param {ChatRecord} record
   * @param {boolean} toMe whether it is addressed to them
   */
  unseen({ user, chat, gif }, toMe) {
    const heard = this.#choices.wants("sound", toMe);
    const now = performance.now();
    if (heard && now - this.#heardAt > PAUSE_MS) {
      this.#heardAt = now;
      this.#sound.play(toMe);
    }
    if (!document.hidden || !this.#choices.wants("notice", toMe)) return;
    const text = chat ? [...chat].slice(0, MOST_CHARACTERS).join("") : pictureText(gif);
    this.#notices.show(nameOf(user), text, heard);
  }

  /**
   * @param {AlertKind} kind
   * @param {AlertChoice} choice
   */
  async #choose(kind, choice) {
    this.#choices.choose(kind, choice);
    if (choice !== "none") {
      if (kind === "sound") this.#sound.play(choice === "mentions");
      else if (!(await this.#notices.ask())) this.#choices.choose(kind, "none");
    }
    this.#show();
  }

  #show() {
    const { trouble, allowed } = this.#notices;
    const shown = { sound: this.#choices.of("sound"), notice: allowed ? this.#choices.of("notice") : "none" };
    for (const select of this.#form.querySelectorAll("select")) {
      const chosen = shown[/** @type {AlertKind} */ (select.dataset.alert)];
      // Also what a reset of the form, when another choice could not be sent, leads back to.
      for (const option of select.options) option.defaultSelected = option.selected = option.value === chosen;
    }
    /** @type {HTMLSelectElement} */ (part(this.#form, "notice")).disabled = trouble !== null;
    part(this.#form, "trouble").textContent = trouble ? t(`js.alerts.${trouble}`) : "";
    part(this.#form, "trouble").hidden = trouble === null;
  }
}

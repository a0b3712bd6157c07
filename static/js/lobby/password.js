/** The dialog that asks for a room's password. It posts, so that the password never appears in a URL. */

import { postAndStay, Refusal } from "../http.js";
import { byId, part } from "../parts.js";
import { lang, problemText, t } from "../texts.js";

export class PasswordDialog {
  #dialog = /** @type {HTMLDialogElement} */ (byId("password-dialog"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
  #input = /** @type {HTMLInputElement} */ (byId("room-password"));
  #submit = part(this.#dialog, "submit");
  #trouble = part(this.#dialog, "trouble");
  #room = "";
  /** Sent, or until a throttled guess may be followed by another: each wrong one makes the next wait longer. */
  #busy = false;
  /** When the next guess is allowed, in the time of `performance.now()`. */
  #freeAt = 0;
  #ticking = 0;

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy && !this.#left) this.#guess();
    });
    this.#input.addEventListener("input", () => this.#tell(""));
    this.#dialog.addEventListener("close", () => this.#form.reset());
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.#dialog.close());
    addEventListener("pagehide", () => this.#dialog.close()); // "back" shows the page as it was left
  }

  /**
   * @param {string} id the room's
   * @param {string} title
   */
  ask(id, title) {
    this.#room = id;
    part(this.#dialog, "title").textContent = title;
    this.#tell("");
    this.#tick();
    this.#dialog.showModal();
    this.#input.focus();
  }

  /** How many seconds to wait. */
  get #left() {
    return Math.max(0, Math.ceil((this.#freeAt - performance.now()) / 1000));
  }

  async #guess() {
    const room = this.#room;
    this.#busy = true;
    try {
      await postAndStay(`/room/${room}/enter`, { password: this.#input.value });
      if (this.#dialog.open && room === this.#room) location.assign(`/room/${room}`);
    } catch (failure) {
      if (room === this.#room) this.#refused(failure);
    } finally {
      this.#busy = false;
    }
  }

  /** @param {unknown} failure */
  #refused(failure) {
    if (!(failure instanceof Refusal)) return this.#tell(t("js.error.network"));
    const { problem } = failure;
    if (problem.retry_after) {
      this.#freeAt = performance.now() + problem.retry_after * 1000;
      this.#tell(t("js.lobby.wait_told", { time: spoken(this.#left) }));
      this.#tick();
    } else this.#tell(problemText(problem));
    this.#input.select();
  }

  /** Count down on the button, which is not read out at each second. */
  #tick() {
    clearTimeout(this.#ticking);
    const left = this.#left;
    this.#submit.textContent = left ? t("js.lobby.wait", { time: clock(left) }) : t("js.lobby.enter");
    this.#submit.setAttribute("aria-disabled", String(left > 0));
    if (left) this.#ticking = setTimeout(() => this.#tick(), 1000);
  }

  /** @param {string} text */
  #tell(text) {
    this.#trouble.textContent = text;
    this.#input.toggleAttribute("aria-invalid", text !== "");
  }
}

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** @param {number} seconds */
function spoken(seconds) {
  const [value, unit] = seconds < 100 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

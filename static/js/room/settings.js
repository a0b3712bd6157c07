/** The dialog in which the owner changes the room. Each error is shown beside its field. */

import { Refusal, patchJson } from "../http.js";
import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { patchOf } from "./patch.js";

/**
 * @typedef {import("../wire.js").Problem} Problem
 * @typedef {import("./room_header.js").RoomHeader} RoomHeader
 */

const FIELDS = ["title", "max", "password"];

export class SettingsDialog {
  #room;
  #header;
  #dialog = /** @type {HTMLDialogElement} */ (byId("settings"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
  #submit = /** @type {HTMLButtonElement} */ (this.#form.querySelector("button[type=submit]"));
  /**
   * The settings that the form was filled from, a new object each time. Compared with the form, so that changes from
   * another tab are not reverted. Its identity shows whether the dialog has been reopened before a late answer.
   */
  #before;

  /**
   * @param {string} room
   * @param {RoomHeader} header
   */
  constructor(room, header) {
    this.#room = room;
    this.#header = header;
    this.#before = header.room;
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#field("locked").addEventListener("change", () => this.#showLock());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  open() {
    this.#before = { ...this.#header.room };
    const { title, max, password, kept } = this.#before;
    this.#field("title").value = title;
    this.#field("max").value = String(max);
    this.#field("locked").checked = password;
    this.#field("password").value = "";
    this.#field("kept").checked = kept;
    this.#complain(null);
    this.#showLock();
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** Show the password field if the room should have a password; it is required if the room has none yet. */
  #showLock() {
    const { checked } = this.#field("locked");
    part(this.#form, "password-field").hidden = !checked;
    part(this.#form, "keep").hidden = !this.#before.password;
    this.#field("password").disabled = !checked;
    this.#field("password").required = !this.#before.password;
  }

  async #save() {
    const before = this.#before;
    const patch = patchOf(before, {
      title: this.#field("title").value,
      max: this.#field("max").valueAsNumber,
      locked: this.#field("locked").checked,
      password: this.#field("password").value,
      kept: this.#field("kept").checked,
    });
    if (Object.keys(patch).length === 0) return this.close();
    this.#submit.disabled = true;
    try {
      const known = this.#header.room;
      const room = await patchJson(`/room/${this.#room}`, patch);
      // If the socket has sent the room meanwhile, that may be newer than this answer; if not, a newer one follows.
      if (known === this.#header.room) this.#header.show(room);
      if (before === this.#before) this.close();
    } catch (failure) {
      if (before !== this.#before) return;
      this.#complain(failure instanceof Refusal ? failure.problem : { error: "network", message: t("js.error.network") });
    } finally {
      this.#submit.disabled = false;
    }
  }

  /** @param {Problem | null} problem */
  #complain(problem) {
    const wrong = FIELDS.find((name) => name === problem?.field);
    for (const name of FIELDS) {
      if (name === wrong) this.#field(name).setAttribute("aria-invalid", "true");
      else this.#field(name).removeAttribute("aria-invalid");
      part(this.#form, `${name}-trouble`).textContent = name === wrong ? t(`js.error.invalid_room.${name}`) : "";
    }
    part(this.#form, "trouble").textContent = problem && !wrong ? problemText(problem) : "";
    if (wrong) this.#field(wrong).focus();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }
}

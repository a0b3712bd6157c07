/** All that can be done with one room at the desk. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";

/**
 * @typedef {import("../wire.js").DeskRoom} DeskRoom
 * @typedef {import("./desk_parts.js").DeskOffice} DeskOffice
 */

const MOST_SECONDS = 300;

export default class RoomSheet {
  #dialog = /** @type {HTMLDialogElement} */ (byId("desk-room"));
  #slow = /** @type {HTMLSelectElement} */ (byId("slow"));
  #seconds = /** @type {HTMLInputElement} */ (byId("slow-seconds"));
  #office;
  #room = "";

  /** @param {DeskOffice} office */
  constructor(office) {
    this.#office = office;
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) return this.#dialog.close();
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#pressed(button);
    });
    this.#slow.addEventListener("change", () => {
      if (this.#slow.value === "custom") this.#askSeconds();
      else this.#set(Number(this.#slow.value));
    });
    part(this.#dialog, "slow-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set(Math.min(MOST_SECONDS, Math.max(1, Math.round(Number(this.#seconds.value)))));
    });
  }

  /** @param {string} room */
  open(room) {
    this.#room = room;
    part(this.#dialog, "slow-form").hidden = true;
    this.show();
    if (this.#known && !this.#dialog.open) this.#dialog.showModal();
  }

  /** Something has changed. */
  show() {
    const room = this.#known;
    if (!room) return this.#dialog.close();
    part(this.#dialog, "title").textContent = room.title;
    for (const name of /** @type {const} */ (["frozen", "approve", "kept"])) {
      part(this.#dialog, name).setAttribute("aria-checked", String(Boolean(room[name])));
    }
    for (const name of ["frozen", "approve", "slow-field"]) part(this.#dialog, name).hidden = Boolean(room.readOnly);
    this.#showSlow(room);
    for (const [name, path] of Object.entries({
      open: `/room/${room._id}`,
      screen: `/room/${room._id}/screen`,
      save: `/desk/export/${room._id}`,
    })) {
      /** @type {HTMLAnchorElement} */ (part(this.#dialog, name)).href = path;
    }
    const closing = this.#office.acts.isClosing(room._id);
    /** @type {HTMLButtonElement} */ (part(this.#dialog, "close-room")).disabled = closing;
  }

  get #known() {
    return this.#office.rooms.get(this.#room);
  }

  /** @param {DeskRoom} room */
  #showSlow({ slow = 0 }) {
    if (!part(this.#dialog, "slow-form").hidden) return; // being written
    const offered = [...this.#slow.options].some(({ value }) => value === String(slow));
    const custom = /** @type {HTMLOptionElement} */ (this.#slow.querySelector('[value="custom"]'));
    custom.textContent = offered ? t("js.desk.slow.custom") : t("js.desk.slow.seconds", { seconds: slow });
    this.#slow.value = offered ? String(slow) : "custom";
  }

  #askSeconds() {
    part(this.#dialog, "slow-form").hidden = false;
    this.#seconds.focus();
    this.#seconds.select();
  }

  /** @param {number} seconds */
  #set(seconds) {
    part(this.#dialog, "slow-form").hidden = true;
    const room = this.#known;
    if (room && (room.slow ?? 0) !== seconds) this.#office.acts.slow(room, seconds);
    this.show();
  }

  /** @param {HTMLButtonElement} button */
  #pressed(button) {
    const room = this.#known;
    const { acts } = this.#office;
    const on = button.getAttribute("aria-checked") !== "true";
    if (button.dataset.action === "close") this.#dialog.close();
    if (!room) return;
    if (button.dataset.part === "frozen") acts.freeze(room._id, on);
    if (button.dataset.part === "approve") acts.set("approve", room, on);
    if (button.dataset.part === "kept") acts.set("keep", room, on);
    if (button.dataset.part === "close-room") {
      acts.close(room);
      this.#dialog.close();
    }
  }
}

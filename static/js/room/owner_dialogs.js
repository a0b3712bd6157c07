/** The owner's dialogs: the room's settings, and what can be done with one person. */

import { byId } from "../parts.js";
import { fillChip } from "../who.js";
import { SettingsDialog } from "./settings.js";

/** @typedef {import("./room_header.js").RoomHeader} RoomHeader */

export class OwnerDialogs {
  #person = /** @type {HTMLDialogElement} */ (byId("person"));
  #user = "";
  #settings;

  /**
   * @param {string} room
   * @param {RoomHeader} header
   * @param {(action: "kick" | "handover", user: string) => void} onChosen
   */
  constructor(room, header, onChosen) {
    this.#settings = new SettingsDialog(room, header);
    this.#person.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (!button) return;
      this.#person.close();
      const { action } = button.dataset;
      if (action === "kick" || action === "handover") onChosen(action, this.#user);
    });
  }

  openSettings() {
    this.#settings.open();
  }

  /** @param {string} user */
  manage(user) {
    this.#user = user;
    fillChip(this.#person, user);
    this.#person.showModal();
  }

  close() {
    this.#person.close();
    this.#settings.close();
  }
}

/** The class's rules, prepared rooms, who is banned or muted, and what the desk did: each in a dialog. */

import { byId } from "../parts.js";
import { DeskLog } from "./desk_log.js";
import { Excluded } from "./excluded.js";
import { Prepare } from "./prepare.js";
import { Rules } from "./rules.js";

/** @typedef {import("./desk_parts.js").DeskOffice} DeskOffice */

export default class DeskTools {
  #tools;
  #log;

  /**
   * @param {DeskOffice} office
   * @param {(user: string) => void} onPerson
   */
  constructor(office, onPerson) {
    this.#log = new DeskLog(office);
    this.#tools = /** @type {const} */ ({
      rules: new Rules(office),
      prepare: new Prepare(office),
      excluded: new Excluded(office, onPerson),
      log: this.#log,
    });
    for (const name of Object.keys(this.#tools)) {
      const dialog = /** @type {HTMLDialogElement} */ (byId(`desk-${name}`));
      dialog.addEventListener("click", ({ target }) => {
        const closes = /** @type {Element} */ (target).closest('[data-action="close"]');
        if (target === dialog || closes) dialog.close();
      });
    }
  }

  /** @param {string} name */
  open(name) {
    const tool = this.#tools[/** @type {"rules" | "prepare" | "excluded" | "log"} */ (name)];
    tool.begin?.();
    tool.show();
    /** @type {HTMLDialogElement} */ (byId(`desk-${name}`)).showModal();
  }

  /** Something has changed. */
  show() {
    for (const tool of Object.values(this.#tools)) tool.show();
  }

  /** @param {import("./log_text.js").LogEntry} entry */
  logged(entry) {
    this.#log.add(entry);
  }
}

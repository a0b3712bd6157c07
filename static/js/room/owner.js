/** The owner's actions on people and on the room; hidden from everybody else. */

import { depart } from "../depart.js";
import { Refusal, getJson, remove } from "../http.js";
import { Later } from "../later.js";
import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { calledInText } from "../who.js";
import { Kicked } from "./kicked.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./confirm.js").Confirm} Confirm
 * @typedef {import("./room_header.js").RoomHeader} RoomHeader
 * @typedef {import("./link.js").RoomLink} RoomLink
 */

export class Owner {
  #room;
  #link;
  #tools = byId("owner-tools");
  #trouble = part(this.#tools, "trouble");
  #kicked = new Kicked((user) => this.#readmit(user));
  /** Counts kicks and readmissions: a list that was being fetched meanwhile may be out of date. */
  #changes = 0;
  #confirm;
  #isOwner;

  /** @type {Later<typeof import("./owner_dialogs.js").default, import("./owner_dialogs.js").default>} */
  dialogs;

  /** Whether this page is deleting the room. */
  ending = false;

  /**
   * @param {string} room
   * @param {RoomLink} link
   * @param {RoomHeader} header
   * @param {Confirm} confirm
   */
  constructor(room, link, header, confirm) {
    this.#room = room;
    this.#link = link;
    this.#confirm = confirm;
    this.#isOwner = !this.#tools.hidden;
    this.dialogs = new Later(
      "owner",
      () => import("./owner_dialogs.js"),
      (OwnerDialogs) => new OwnerDialogs(room, header, (action, user) => this.#ask(action, user)),
      () => (this.#trouble.textContent = t("js.error.network")),
    );
    byId("settings-btn").addEventListener("click", () => this.#use((dialogs) => dialogs.openSettings()));
    byId("delete-btn").addEventListener("click", () => this.#askToDelete());
  }

  /** @param {boolean} isOwner whether this visitor owns the room now */
  changed(isOwner) {
    if (isOwner === this.#isOwner) return;
    this.#isOwner = isOwner;
    this.#tools.hidden = !isOwner;
    if (isOwner) return void this.#fetchKicked();
    this.#confirm.close();
    this.dialogs.made?.close();
  }

  /** @param {ChatRecord} record */
  observe({ event, subject }) {
    if (!subject || !this.#isOwner) return;
    if (event === "join") this.#kicked.remove(subject); // readmitted from another tab
    if (event !== "kick") return;
    this.#changes++;
    this.#kicked.add(subject);
  }

  /** Others may have been kicked without a record, since the room keeps none. */
  recordsMissed() {
    if (this.#isOwner) this.#fetchKicked();
  }

  /** @param {string} user whose actions to show */
  manage(user) {
    this.#use((dialogs) => dialogs.manage(user));
  }

  /** @param {(dialogs: import("./owner_dialogs.js").default) => void} act */
  #use(act) {
    this.#trouble.textContent = "";
    this.dialogs.use((dialogs) => this.#isOwner && act(dialogs)); // until it is loaded, the room may be another's
  }

  /**
   * @param {"kick" | "handover"} what
   * @param {string} user
   */
  #ask(what, user) {
    this.#confirm.ask({
      question: t(`js.owner.${what}_question`, { user: calledInText(user) }),
      yes: t(`js.owner.${what}`),
      action: () => this.#request(what, user),
      focusAfter: byId("people-title"),
    });
  }

  #askToDelete() {
    this.#confirm.ask({
      question: t("js.owner.delete_question"),
      yes: t("js.owner.delete"),
      action: () => this.#delete(),
    });
  }

  /** @returns {Promise<string | null>} what went wrong */
  async #delete() {
    this.ending = true;
    try {
      await remove(`/room/${this.#room}`);
      depart("/");
      return null;
    } catch (failure) {
      this.ending = false;
      return failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
  }

  /** @param {string} user */
  async #readmit(user) {
    const trouble = await this.#request("readmit", user);
    this.#trouble.textContent = trouble ?? "";
    if (trouble !== null) return;
    this.#changes++;
    this.#kicked.remove(user);
  }

  /**
   * @param {"kick" | "handover" | "readmit"} event
   * @param {string} user
   * @returns {Promise<string | null>} what went wrong
   */
  async #request(event, user) {
    const answer = await this.#link.ask(event, { room: this.#room, user });
    if (answer === null) return t("js.error.network");
    return answer.ok ? null : problemText(answer);
  }

  async #fetchKicked() {
    try {
      const changes = this.#changes;
      const { kicked } = await getJson(`/room/${this.#room}/kicked`);
      if (changes !== this.#changes) return void this.#fetchKicked();
      this.#kicked.replace(kicked);
    } catch {
      // New kicks are still added; only the earlier ones are missing.
    }
  }
}

/** The owner's tools, hidden from everybody else. What they do (owner.js) is loaded for an owner when idle or wanted. */

import { Later } from "../later.js";
import { byId, part } from "../parts.js";
import { t } from "../texts.js";

/** @typedef {import("./owner.js").default} Owner */

export class OwnerTools {
  #tools = byId("owner-tools");
  #trouble = part(this.#tools, "trouble");
  #isOwner = !this.#tools.hidden;
  /** @type {Later<typeof import("./owner.js").default, Owner>} */
  #later;
  /** What is to be done once it is loaded. @type {((owner: Owner) => void) | undefined} */
  #wanted;

  /**
   * @param {string} room
   * @param {import("./link.js").RoomLink} link
   * @param {import("./room_header.js").RoomHeader} header
   * @param {import("./confirm.js").Confirm} confirm
   */
  constructor(room, link, header, confirm) {
    this.#later = new Later(
      "owner",
      () => import("./owner.js"),
      (Owner) => {
        const owner = new Owner(room, link, header, confirm);
        if (this.#isOwner) owner.fetchKicked(); // since it was wanted, the room may have become another's
        return owner;
      },
      () => {
        if (this.#wanted) this.#trouble.textContent = t("js.error.network");
        this.#wanted = undefined;
      },
    );
    this.#tools.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("button"));
      if (button) this.#use((owner) => owner.pressed(button));
    });
  }

  /** Whether this page is deleting the room. */
  get ending() {
    return this.#later.made?.ending ?? false;
  }

  /** @param {boolean} isOwner whether this visitor owns the room now */
  changed(isOwner) {
    if (isOwner === this.#isOwner) return;
    this.#isOwner = isOwner;
    this.#tools.hidden = !isOwner;
    if (!isOwner) this.#later.made?.close();
    else if (this.#later.made) this.recordsMissed();
    else this.prefetch();
  }

  /** @param {import("../wire.js").ChatRecord} record */
  observe(record) {
    if (!this.#isOwner) return;
    if (this.#later.made) this.#later.made.observe(record);
    else if (record.event === "kick") this.#make(); // it asks who was kicked
  }

  /** Others may have been kicked without a record, since the room keeps none. */
  recordsMissed() {
    if (this.#isOwner) this.#later.made?.fetchKicked();
  }

  /** @param {string} user whose actions to show */
  manage(user) {
    this.#use((owner) => owner.manage(user));
  }

  /** Load it ahead of time; for an owner, also begin to follow who is kicked. */
  prefetch() {
    if (this.#isOwner) this.#make();
    else this.#later.prefetch();
  }

  /** @param {(owner: Owner) => void} act */
  #use(act) {
    this.#trouble.textContent = "";
    this.#wanted = act;
    this.#make();
  }

  #make() {
    this.#later.use((owner) => {
      const act = this.#wanted;
      this.#wanted = undefined;
      if (this.#isOwner) act?.(owner); // until it is loaded, the room may be another's
    });
  }
}

/** Who is banned or muted now, and the way back. */

import { byId, copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { timeOfDay } from "../when.js";
import { fillChip } from "../who.js";
import { showKeyed } from "./keyed.js";

/** @typedef {import("./desk_parts.js").DeskOffice} DeskOffice */

export class Excluded {
  #dialog = byId("desk-excluded");
  #office;
  begin = undefined;

  /**
   * @param {DeskOffice} office
   * @param {(user: string) => void} onPerson
   */
  constructor(office, onPerson) {
    this.#office = office;
    this.#dialog.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      const row = /** @type {HTMLElement | null} */ (button?.closest("[data-user]"));
      const { user, room = "" } = row?.dataset ?? {};
      if (!button || user === undefined) return;
      if (button.dataset.action === "person") onPerson(user);
      else if (row?.parentElement === part(this.#dialog, "bans")) office.acts.ban(user, false);
      else office.acts.mute(user, office.rooms.get(room) ?? null, 0);
    });
  }

  /** Something has changed. */
  show() {
    const { bans = [], mutes = [] } = this.#office.settings() ?? {};
    const titleOf = (/** @type {string | null} */ room) => this.#office.rooms.get(room ?? "")?.title;
    this.#fill("bans", bans.map((ban) => ({ ...ban, room: null, detail: ban.seat ?? "" })), "js.desk.unban");
    this.#fill(
      "mutes",
      mutes.map((mute) => {
        const until = t("js.desk.until", { until: timeOfDay(new Date(mute.until)) });
        return { ...mute, detail: [titleOf(mute.room), mute.seat, until].filter(Boolean).join(" · ") };
      }),
      "js.desk.unmute",
    );
    part(this.#dialog, "none").hidden = bans.length + mutes.length > 0;
  }

  /**
   * @param {"bans" | "mutes"} name
   * @param {{user: string, room: string | null, name?: string, detail: string}[]} people
   * @param {string} label
   */
  #fill(name, people, label) {
    part(this.#dialog, `${name}-heading`).hidden = !people.length;
    showKeyed(part(this.#dialog, name), people, {
      keyOf: ({ user, room }) => `${user} ${room ?? ""}`,
      make: ({ user, room }) => {
        const row = copyOf("excluded-template");
        Object.assign(row.dataset, { user, room: room ?? "" });
        fillChip(row, user);
        return row;
      },
      fill: (row, { user, name: called, detail }) => {
        part(row, "detail").textContent = detail;
        const end = part(row, "end");
        end.textContent = t(label);
        const who = called ?? part(row, "chip").textContent?.trim() ?? user;
        end.setAttribute("aria-label", `${t(label)}: ${who}`);
      },
    });
  }
}

/** One person at the desk: where they are, what they said, and what can be done. */

import { byId, copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { showTime, timeOfDay } from "../when.js";
import { fillChip } from "../who.js";
import { showKeyed } from "./keyed.js";
import { showSaid } from "./said_line.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").DeskRoom} DeskRoom
 * @typedef {import("./desk_parts.js").DeskOffice} DeskOffice
 */

export default class PersonSheet {
  #dialog = /** @type {HTMLDialogElement} */ (byId("person"));
  #where = /** @type {HTMLSelectElement} */ (byId("mute-where"));
  #office;
  #user = "";
  /** @type {ChatRecord[]} newest first */
  #said = [];
  #more = false;
  /** @type {"loading" | "known" | "failed"} */
  #state = "loading";

  /** @param {DeskOffice} office */
  constructor(office) {
    this.#office = office;
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) return this.#dialog.close();
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#pressed(button);
    });
  }

  /** @param {string} user */
  open(user) {
    this.#user = user;
    this.#said = [];
    this.#more = false;
    this.#offerRooms();
    part(this.#dialog, "said").replaceChildren();
    fillChip(this.#dialog, user);
    this.#load();
    this.show();
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.scrollTop = 0;
  }

  /** Something has changed. */
  show() {
    if (!this.#user) return;
    const { rooms, settings, acts } = this.#office;
    const pupil = rooms.pupils().get(this.#user);
    const { bans = [], mutes = [] } = settings() ?? {};
    const banned = bans.some(({ user }) => user === this.#user);
    const muted = mutes.filter(({ user }) => user === this.#user);
    const seat = part(this.#dialog, "seat");
    seat.hidden = pupil?.seat === undefined;
    seat.textContent = t("js.desk.seat", { seat: pupil?.seat ?? "" });
    const state = [
      banned ? t("js.desk.person.banned") : "",
      ...muted.map(({ room, until }) => {
        const values = { until: timeOfDay(new Date(until)), title: rooms.get(room ?? "")?.title ?? "" };
        return t(room ? "js.desk.person.muted_in" : "js.desk.person.muted", values);
      }),
      pupil ? "" : t("js.desk.person.gone"),
    ].filter(Boolean);
    part(this.#dialog, "person-state").textContent = state.join(" ");
    part(this.#dialog, "person-state").hidden = !state.length;
    part(this.#dialog, "unmute").hidden = !muted.length;
    part(this.#dialog, "take-name").hidden = pupil?.name === undefined;
    const teacher = pupil?.role === "teacher";
    for (const name of ["mute", "places-section"]) part(this.#dialog, name).hidden = teacher;
    part(this.#dialog, "ban").hidden = banned;
    part(this.#dialog, "unban").hidden = !banned;
    for (const name of ["places-heading", "places"]) part(this.#dialog, name).hidden = !pupil;
    showKeyed(part(this.#dialog, "places"), pupil?.places ?? [], {
      keyOf: ({ room }) => room._id,
      make: ({ room }) => {
        const row = copyOf("place-template");
        /** @type {HTMLElement} */ (row.querySelector("button")).dataset.room = room._id;
        return row;
      },
      fill: (row, { room, present }) => {
        part(row, "title").textContent = room.title;
        part(row, "away").hidden = present;
        row.querySelector("button")?.setAttribute("aria-label", t("js.desk.kick_from", { title: room.title }));
      },
    });
    this.#showSaid(acts);
  }

  /** @param {import("./acts.js").Acts} acts */
  #showSaid(acts) {
    const { rooms } = this.#office;
    showKeyed(part(this.#dialog, "said"), this.#said, {
      keyOf: ({ _id }) => _id,
      make: ({ createdAt }) => {
        const row = copyOf("said-template");
        showTime(/** @type {HTMLTimeElement} */ (part(row, "time")), createdAt);
        return row;
      },
      fill: (row, record) => {
        part(row, "room").textContent = rooms.get(record.room)?.title ?? "";
        const deleting = acts.isDeleting(record);
        showSaid(row, deleting ? { ...record, deleted: "teacher" } : record);
        /** @type {HTMLElement} */ (row.querySelector("button")).hidden = deleting || Boolean(record.deleted);
      },
    });
    const state = part(this.#dialog, "said-state");
    state.textContent = this.#state !== "known" || !this.#said.length ? t(`js.desk.said.${this.#state === "known" ? "none" : this.#state}`) : "";
    part(this.#dialog, "more").hidden = !this.#more;
  }

  /** Where they can be muted. */
  #offerRooms() {
    const places = this.#office.rooms.pupils().get(this.#user)?.places ?? [];
    const [everywhere] = this.#where.options;
    this.#where.replaceChildren(everywhere, ...places.map(({ room }) => new Option(room.title, room._id)));
    this.#where.value = "";
  }

  /** @param {HTMLButtonElement} button */
  async #pressed(button) {
    const { acts, rooms } = this.#office;
    const { action, minutes, room } = button.dataset;
    if (action === "close") this.#dialog.close();
    if (minutes) acts.mute(this.#user, rooms.get(this.#where.value) ?? null, Number(minutes));
    if (action === "unmute") this.#unmute();
    if (action === "take-name") acts.takeName(this.#user);
    if (action === "ban" || action === "unban") acts.ban(this.#user, action === "ban");
    const place = rooms.get(room ?? "");
    if (action === "kick" && place) acts.kick(this.#user, place);
    if (action === "delete") this.#delete(button);
    if (action === "more") this.#load(this.#said.at(-1)?.seq);
  }

  /** Wherever they are muted. */
  #unmute() {
    const { acts, rooms, settings } = this.#office;
    for (const { user, room } of settings()?.mutes ?? []) {
      if (user === this.#user) acts.mute(user, rooms.get(room ?? "") ?? null, 0);
    }
  }

  /** @param {HTMLElement} button */
  #delete(button) {
    const id = /** @type {HTMLElement} */ (button.closest("[data-key]")).dataset.key;
    const record = this.#said.find(({ _id }) => _id === id);
    if (record) this.#office.acts.delete(record);
  }

  /** @param {number} [before] */
  async #load(before) {
    const user = this.#user;
    this.#state = "loading";
    const answer = /** @type {{ok: true, chats: ChatRecord[], more?: boolean} | {ok: false} | null} */ (
      await this.#office.link.ask("said", before === undefined ? { user } : { user, before })
    );
    if (user !== this.#user) return;
    this.#state = answer?.ok ? "known" : "failed";
    if (answer?.ok) {
      const known = new Set(this.#said.map(({ _id }) => _id));
      const fresh = answer.chats.filter(({ _id }) => !known.has(_id));
      this.#said = [...this.#said, ...fresh].sort((one, other) => other.seq - one.seq);
      this.#more = Boolean(answer.more);
    }
    this.show();
  }
}

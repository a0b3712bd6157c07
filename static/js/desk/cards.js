/** The rooms at the desk: a card each, in their order. */

import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";
import { showKeyed } from "./keyed.js";
import { seated } from "./rooms.js";
import { showSaid } from "./said_line.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").DeskRoom} DeskRoom
 *
 * @typedef {object} CardListener
 * @property {(room: string) => void} onRoom its sheet is wanted
 * @property {(room: string) => void} onAnnounce
 * @property {(room: string, on: boolean) => void} onFreeze
 * @property {(user: string) => void} onPerson
 */

export class Cards {
  #list;
  #isClosing;
  /** What a card was filled with. @type {WeakMap<HTMLElement, string>} */
  #filled = new WeakMap();

  /**
   * @param {HTMLElement} list
   * @param {(room: string) => boolean} isClosing whether it will be closed in a moment
   * @param {CardListener} listener
   */
  constructor(list, isClosing, listener) {
    this.#list = list;
    this.#isClosing = isClosing;
    list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      const room = /** @type {HTMLElement | null} */ (button?.closest("[data-room]"))?.dataset.room;
      if (!button || room === undefined) return;
      const { action, user } = button.dataset;
      if (user) listener.onPerson(user);
      if (action === "room") listener.onRoom(room);
      if (action === "announce") listener.onAnnounce(room);
      if (action === "freeze") listener.onFreeze(room, button.getAttribute("aria-pressed") !== "true");
    });
  }

  /**
   * @param {DeskRoom[]} rooms
   * @param {boolean} held whether nothing may change its place
   */
  show(rooms, held) {
    showKeyed(this.#list, rooms, {
      keyOf: ({ _id }) => _id,
      make: () => copyOf("desk-room-template"),
      fill: (card, room) => this.#fill(card, room),
      held,
    });
  }

  /**
   * @param {HTMLElement} card
   * @param {DeskRoom} room
   */
  #fill(card, room) {
    const closing = this.#isClosing(room._id);
    const state = JSON.stringify([room, closing]);
    if (this.#filled.get(card) === state) return;
    this.#filled.set(card, state);
    fillFacts(card, room);
    fillStates(card, room, closing);
    fillPeople(card, room);
    fillLast(card, room);
  }
}

/**
 * @param {HTMLElement} card
 * @param {DeskRoom} room
 */
function fillFacts(card, { _id, title, members, max, rate, frozen, readOnly, hands = [], held = 0 }) {
  const heading = part(card, "title");
  card.dataset.room = _id;
  heading.textContent = title;
  showFact(card, "members", `${members}/${max}`, true);
  showFact(card, "rate", t("js.desk.rate", { rate }), rate > 0);
  showFact(card, "hands", String(hands.length), hands.length > 0);
  showFact(card, "held", String(held), held > 0);
  for (const control of /** @type {NodeListOf<HTMLElement>} */ (card.querySelectorAll("[data-label]"))) {
    control.setAttribute("aria-label", `${control.dataset.label}: ${title}`);
  }
  /** @type {HTMLAnchorElement} */ (part(card, "open")).href = `/room/${_id}`;
  card.querySelector('[data-action="freeze"]')?.setAttribute("aria-pressed", String(Boolean(frozen)));
  for (const name of ["freeze", "announce"]) {
    /** @type {HTMLElement} */ (card.querySelector(`[data-action="${name}"]`)).hidden = Boolean(readOnly);
  }
}

/**
 * @param {HTMLElement} card
 * @param {string} name
 * @param {string} text
 * @param {boolean} shown
 */
function showFact(card, name, text, shown) {
  part(card, name).textContent = text;
  /** @type {HTMLElement} */ (part(card, name).parentElement).hidden = !shown;
}

/**
 * @param {HTMLElement} card
 * @param {DeskRoom} room
 * @param {boolean} closing
 */
function fillStates(card, { frozen, slow = 0, approve, password, ephemeral, kept, readOnly }, closing) {
  card.classList.toggle("frozen", Boolean(frozen));
  card.classList.toggle("closing", closing);
  const applies = { closing, frozen, slow, approve, password, ephemeral, kept, readOnly };
  const states = part(card, "states");
  const badges = Object.entries(applies).flatMap(([name, does]) => {
    if (!does) return [];
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.dataset.state = name;
    badge.textContent = t(`js.desk.state.${name}`, { seconds: slow });
    return [badge];
  });
  states.replaceChildren(...badges);
  states.hidden = !badges.length;
}

/**
 * @param {HTMLElement} card
 * @param {DeskRoom} room
 */
function fillPeople(card, { people, hands = [] }) {
  const list = part(card, "people");
  list.hidden = !people.length;
  part(card, "nobody").hidden = people.length > 0;
  showKeyed(list, seated(people), {
    keyOf: ({ user }) => user,
    make: ({ user }) => {
      const row = copyOf("desk-person-template");
      /** @type {HTMLElement} */ (row.querySelector("button")).dataset.user = user;
      fillChip(row, user);
      return row;
    },
    fill: (row, { user, present, muted, seat, role }) => {
      row.classList.toggle("away", !present);
      part(row, "away").hidden = present;
      part(row, "muted").hidden = !muted;
      part(row, "role").hidden = role !== "teacher";
      part(row, "hand").hidden = !hands.includes(user);
      part(row, "seat").hidden = seat === undefined;
      part(row, "seat").textContent = seat ?? "";
    },
  });
}

/**
 * @param {HTMLElement} card
 * @param {DeskRoom} room
 */
function fillLast(card, { last, password }) {
  const list = part(card, "last");
  const said = last.filter(({ user }) => user !== "system");
  list.hidden = !said.length;
  part(card, "secret").hidden = !password;
  showKeyed(list, said, {
    keyOf: ({ _id }) => _id,
    make: ({ user, role }) => {
      const line = copyOf("desk-line-template");
      part(line, "role").hidden = role !== "teacher";
      /** @type {HTMLElement} */ (line.querySelector("button")).dataset.user = user;
      fillChip(line, user);
      return line;
    },
    fill: showSaid,
  });
}

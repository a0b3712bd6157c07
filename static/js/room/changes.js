/**
 * Changes records: shows what the visitor wants at once, asks the server, and asks again after a lost connection.
 * Everybody in the room, the sender included, gets the result as an `update`.
 */

import { problemText, t } from "../texts.js";
import { Wishes } from "./wishes.js";

/**
 * @typedef {import("../wire.js").ChangeAnswer} ChangeAnswer
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./link.js").RoomLink} RoomLink
 * @typedef {import("./wishes.js").Wish} Wish
 */

export class Changes {
  #wishes = new Wishes();
  #room;
  #link;
  #onChanged;
  #onRefused;

  /**
   * @param {string} room
   * @param {Pick<RoomLink, "ask" | "joined">} link
   * @param {object} listener
   * @param {(id: string, fulfilled?: Wish) => void} listener.onChanged what is wished of a record has changed
   * @param {(trouble: string) => void} listener.onRefused why a reaction was taken back
   */
  constructor(room, link, { onChanged, onRefused }) {
    this.#room = room;
    this.#link = link;
    this.#onChanged = onChanged;
    this.#onRefused = onRefused;
  }

  /** @param {string} id of a record @returns {Wish[]} */
  of(id) {
    return this.#wishes.of(id);
  }

  /** Whether something is not done yet. */
  get pending() {
    return this.#wishes.all.some(({ state }) => state !== "done");
  }

  /** The texts of edits that are not done yet. */
  get texts() {
    return this.#wishes.all.flatMap(({ state, chat }) => (state !== "done" && chat) || []);
  }

  /**
   * @param {string} id
   * @param {string} emoji
   * @param {boolean} on whether to give it or take it back
   */
  react(id, emoji, on) {
    this.#wish({ id, kind: "react", emoji, on });
  }

  /**
   * @param {{id: string, given(emoji: string): boolean}} said
   * @param {string} emoji to give, or to take back
   */
  toggle(said, emoji) {
    this.react(said.id, emoji, !said.given(emoji));
  }

  /**
   * @param {string} id
   * @param {string} chat
   */
  edit(id, chat) {
    this.#wish({ id, kind: "edit", chat });
  }

  /** @param {string} id */
  delete(id) {
    this.#wish({ id, kind: "delete" });
  }

  /** @param {string} id of a record in which a change failed */
  retry(id) {
    for (const wish of this.of(id)) if (wish.state === "failed") this.#ask(wish);
    this.#onChanged(id);
  }

  /** @param {string} id of a record whose failed changes the visitor gives up */
  discard(id) {
    for (const wish of this.of(id)) if (wish.state === "failed") this.#wishes.remove(wish);
    this.#onChanged(id);
  }

  /**
   * Give up what failed in a record that the page does not show, so that it can be told elsewhere.
   * @param {string} id
   * @returns {Wish[]}
   */
  takeFailed(id) {
    const failed = this.of(id).filter(({ state }) => state === "failed");
    for (const wish of failed) this.#wishes.remove(wish);
    return failed;
  }

  /** The room has been joined, perhaps again. */
  joined() {
    for (const wish of this.#wishes.toAsk()) {
      this.#ask(wish);
      this.#onChanged(wish.id);
    }
  }

  lost() {
    this.#wishes.lost();
    for (const { id } of this.#wishes.toAsk()) this.#onChanged(id);
  }

  /** @param {ChatRecord} record a state that is new; its line is drawn afterwards */
  told(record) {
    for (const wish of this.#wishes.told(record)) this.#onChanged(record._id, wish);
  }

  /** @param {Parameters<Wishes["add"]>[0]} wanted */
  #wish(wanted) {
    const wish = this.#wishes.add(wanted);
    if (wish) this.#ask(wish);
    this.#onChanged(wanted.id);
  }

  /** @param {Wish} wish */
  async #ask(wish) {
    if (!this.#link.joined) return; // joined() asks it
    const number = this.#wishes.ask(wish);
    const { id, kind, emoji, on, chat } = wish;
    const argument = { room: this.#room, _id: id, emoji, on, chat };
    const answer = /** @type {ChangeAnswer | import("../wire.js").Refused | null} */ (await this.#link.ask(kind, argument));
    if (wish.asks !== number || !this.#wishes.stands(wish)) return;
    if (answer?.ok) return this.#onChanged(id, this.#wishes.done(wish, answer.rev) ? wish : undefined);
    const trouble = answer ? problemText(answer) : t("js.error.network");
    if (kind === "react") {
      this.#wishes.remove(wish);
      this.#onRefused(t("js.react.refused", { emoji: emoji ?? "", trouble }));
    } else this.#wishes.fail(wish, trouble, answer === null);
    this.#onChanged(id);
  }
}

/**
 * What a teacher does at the desk: asks the server, tells what was done and how it is undone. What could not be undone
 * is done ten seconds later instead, so that there is something to take back.
 */

import { warnBeforeLeaving } from "../depart.js";
import { problemText, t } from "../texts.js";
import { calledInText } from "../who.js";
import { LaterActs } from "./later_acts.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("./link.js").DeskLink} DeskLink
 * @typedef {import("./flags.js").Flag} Flag
 * @typedef {import("./flags.js").Flags} Flags
 * @typedef {import("./toasts.js").Toasts} Toasts
 */

/** Refused because it is done already: by another desk, or by its author. */
const DONE = new Set(["not_found", "no_such_room"]);

export class Acts {
  #link;
  #toasts;
  #queue;
  #onChange;
  #later = new LaterActs(setTimeout.bind(globalThis), clearTimeout.bind(globalThis));

  /**
   * @param {DeskLink} link
   * @param {Toasts} toasts
   * @param {Flags} queue
   * @param {() => void} onChange something is or is no longer to be carried out soon
   */
  constructor(link, toasts, queue, onChange) {
    this.#link = link;
    this.#toasts = toasts;
    this.#queue = queue;
    this.#onChange = () => {
      warnBeforeLeaving("desk", this.#later.size > 0 && !link.asksWhenLeft);
      onChange();
    };
    // What was said to be done is done, although nobody can take it back any more; where it could not be, the browser asks.
    for (const event of ["pagehide", "freeze"]) addEventListener(event, () => this.#later.runAll(), { capture: true });
  }

  connectionChanged() {
    this.#onChange();
  }

  /**
   * @template {object} [Answer={}]
   * @param {string} event
   * @param {object} argument
   * @returns {Promise<({ok: true} & Answer) | null>} null when it failed, which the teacher is told
   */
  async ask(event, argument) {
    const answer = /** @type {({ok: true} & Answer) | import("../wire.js").Refused | null} */ (await this.#link.ask(event, argument));
    if (answer?.ok) return answer;
    this.#toasts.failed(answer ? problemText(answer) : t("js.error.network"));
    return null;
  }

  /**
   * Do something that another event undoes.
   * @param {string} event
   * @param {object} argument
   * @param {string} done what to tell
   * @param {[string, object]} [opposite]
   */
  async #act(event, argument, done, opposite) {
    const answer = await this.ask(event, argument);
    if (answer) this.#toasts.done(done, opposite && (() => this.ask(...opposite)));
    return answer !== null;
  }

  /**
   * @param {string} key
   * @param {string} told
   * @param {() => void} act
   * @param {() => void} [onTakenBack]
   */
  #soon(key, told, act, onTakenBack) {
    const added = this.#later.add(
      key,
      () => {
        act();
        this.#onChange();
      },
      onTakenBack,
    );
    if (!added) return;
    this.#onChange();
    this.#toasts.done(told, () => {
      if (this.#later.takeBack(key)) this.#onChange();
      else this.#toasts.failed(t("js.desk.too_late"));
    });
  }

  /** @param {string | null} room all of them when null @param {boolean} on */
  freeze(room, on) {
    return this.ask("freeze", { room, on });
  }

  /** @param {import("../wire.js").DeskRoom} room @param {number} seconds */
  slow({ _id, slow = 0, title }, seconds) {
    const done = t(seconds ? "js.desk.did.slow" : "js.desk.did.slow_off", { title, seconds });
    return this.#act("slow", { room: _id, seconds }, done, ["slow", { room: _id, seconds: slow }]);
  }

  /** @param {"approve" | "keep"} event @param {Room} room @param {boolean} on */
  set(event, { _id, title }, on) {
    const done = t(`js.desk.did.${event}${on ? "" : "_off"}`, { title });
    return this.#act(event, { room: _id, on }, done, [event, { room: _id, on: !on }]);
  }

  /** @param {Room | null} room all of them when null @param {string} chat */
  async announce(room, chat) {
    /** @typedef {{room: string, _id: string}} Announced */
    const answer = /** @type {{_id: string} | {records: Announced[]} | null} */ (
      await this.ask("announce", { room: room?._id ?? null, chat })
    );
    if (!answer) return false;
    const said = "records" in answer ? answer.records : [{ room: room?._id ?? "", _id: answer._id }];
    const done = room ? t("js.desk.did.announce_in", { title: room.title }) : t("js.desk.did.announce");
    this.#toasts.done(done, () => {
      for (const record of said) this.#carryOut("delete", record);
    });
    return true;
  }

  /**
   * @param {string} user
   * @param {Room | null} room everywhere when null
   * @param {number} minutes
   */
  mute(user, room, minutes) {
    const key = minutes ? "mute" : "mute_off";
    const who = { user: calledInText(user), minutes, title: room?.title ?? "" };
    const done = t(room ? `js.desk.did.${key}_in` : `js.desk.did.${key}`, who);
    const where = { user, room: room?._id ?? null };
    return this.#act("mute", { ...where, minutes }, done, minutes ? ["mute", { ...where, minutes: 0 }] : undefined);
  }

  /** @param {string} user @param {Room} room */
  kick(user, { _id, title }) {
    const done = t("js.desk.did.kick", { user: calledInText(user), title });
    return this.#act("kick", { room: _id, user }, done, ["readmit", { room: _id, user }]);
  }

  /** @param {string} user @param {boolean} on */
  ban(user, on) {
    const [event, opposite] = on ? ["ban", "unban"] : ["unban", "ban"];
    return this.#act(event, { user }, t(`js.desk.did.${event}`, { user: calledInText(user) }), [opposite, { user }]);
  }

  /** @param {string} user */
  takeName(user) {
    return this.#act("names", { user, name: null }, t("js.desk.did.take_name", { user: calledInText(user) }));
  }

  /** @param {number} count of people behind one address */
  expect(count) {
    return this.#act("people", { count }, t("js.desk.did.people", { count }));
  }

  /** @param {ChatRecord} record */
  delete({ _id, room, user }) {
    const told = t("js.desk.soon.delete", { user: calledInText(user) });
    this.#soon(`delete ${_id}`, told, () => this.#carryOut("delete", { room, _id }));
  }

  /** @param {ChatRecord} record @returns {boolean} whether it will be deleted in a moment */
  isDeleting({ _id }) {
    return this.#later.has(`delete ${_id}`);
  }

  /** @param {Room} room */
  close({ _id, title }) {
    this.#soon(`close ${_id}`, t("js.desk.soon.close", { title }), () => this.#carryOut("close", { room: _id }));
  }

  /** @param {string} room @returns {boolean} whether it will be closed in a moment */
  isClosing(room) {
    return this.#later.has(`close ${room}`);
  }

  /** @param {Flag} flag */
  async show({ held, room, user }) {
    this.#queue.setAside(held);
    this.#onChange();
    const answer = /** @type {{_id?: string} | null} */ (await this.ask("show", { room, held }));
    if (!answer) {
      this.#queue.putBack(held);
      this.#onChange();
      return;
    }
    const { _id } = answer;
    const undo = _id === undefined ? undefined : () => this.ask("delete", { room, _id });
    this.#toasts.done(t("js.desk.did.show", { user: calledInText(user) }), undo);
  }

  /** @param {Flag} flag */
  drop({ held, room, user }) {
    const told = t("js.desk.soon.drop", { user: calledInText(user) });
    const back = () => this.#queue.putBack(held);
    this.#queue.setAside(held);
    this.#soon(`drop ${held}`, told, () => this.#carryOut("drop", { room, held }, back), back);
  }

  /** @param {string} held decided by another desk */
  decided(held) {
    this.#later.drop(`drop ${held}`);
  }

  /**
   * @param {string} event
   * @param {object} argument
   * @param {() => void} [onFailed]
   */
  async #carryOut(event, argument, onFailed) {
    const answer = await this.#link.ask(event, argument);
    if (answer?.ok || (answer && DONE.has(answer.error))) return;
    const trouble = answer ? problemText(answer) : t("js.error.network");
    this.#toasts.failed(t("js.desk.not_done", { trouble }));
    onFailed?.();
    this.#onChange();
  }
}

/**
 * The page's place in the room, over however many connections it takes.
 *
 * Each connection joins with the position up to which this page has everything, and is given what was said and changed
 * after it, in as many answers as that needs; after the last one both come live. So none is missed, and the few that may
 * come twice are the timeline's to tell. A record's position is its last change's `rev`, or else its `seq`.
 *
 * A position holds for one epoch of the server's database. In another one, after an older copy was restored, the page
 * begins anew with the latest records, and goes on from there.
 */

import { Refusal, getJson } from "../http.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").JoinAnswer} JoinAnswer
 * @typedef {import("../wire.js").Problem} Problem
 * @typedef {import("../wire.js").Refused} Refused
 * @typedef {import("../wire.js").RoomPage} RoomPage
 * @typedef {import("../socket.js").Socket} Socket
 *
 * @typedef {object} LinkListener
 * @property {(records: ChatRecord[], said: ChatRecord[]) => void} onMissed what was said or changed while this page
 *   was not listening, in the order in which that happened, and those of them that were said
 * @property {(record: ChatRecord) => void} onRecord
 * @property {(record: ChatRecord) => void} onUpdate a record as it is now; it may be told twice, late, or be unknown here
 * @property {(user: string) => void} onTyping
 * @property {() => boolean} onFarBehind more was missed than one answer holds; true if the page begins anew instead
 * @property {(page: RoomPage) => void} onAnew what this page has is no more; this is there instead
 * @property {(answer: JoinAnswer) => void} onJoined all that was missed has been told
 * @property {() => void} onLost the connection is gone and will be tried again
 * @property {(problem: Problem) => void} onDismissed this visitor has no place here (any more); nothing follows
 */

const RECORD_EVENTS = ["chat", "whisper", "join", "exit", "owner", "kick"];

/** No answer at all. @type {Problem} */
const AWAY = { error: "internal", message: "" };

/** Refusals of a join that may pass by themselves; all others are final. */
const PASSING = new Set(["too_fast", "storage", "internal"]);

const ANSWER_WAIT_MS = 8000;
const LEAVE_WAIT_MS = 1000;
const RETRY_MS = 3000;

/** A connection that was silent for longer may be gone without a word: the server lets itself be heard every 25 s. */
const SILENCE_MS = 30_000;

export class RoomLink {
  #socket;
  #room;
  #epoch;
  #seq;
  /** No record up to it is news. Behind `#seq` by what has only changed since, and by answers that are to be gone on with. */
  #said;
  #listener;
  #joined = false;
  /** Counts connections and joins: what belongs to an earlier one is no longer listened to. */
  #attempt = 0;
  /** When the server was last known to be there. A clock that does not stand still while the machine sleeps. */
  #heard = Date.now();

  /**
   * @param {Socket} socket of /chat
   * @param {string} room
   * @param {{epoch: string, seq: number}} position this page has every record up to it
   * @param {LinkListener} listener
   */
  constructor(socket, room, { epoch, seq }, listener) {
    this.#socket = socket;
    this.#room = room;
    this.#epoch = epoch;
    this.#seq = this.#said = seq;
    this.#listener = listener;

    socket.on("connect", () => this.#join());
    socket.on("disconnect", (reason) => this.#lost(reason === "io server disconnect"));
    socket.on("connect_error", () => this.#lost(!socket.active));
    for (const event of RECORD_EVENTS) socket.on(event, (/** @type {ChatRecord} */ record) => this.#receive(record, listener.onRecord));
    socket.on("update", (/** @type {ChatRecord} */ record) => this.#receive(record, listener.onUpdate));
    socket.io.on("ping", () => (this.#heard = Date.now()));
    socket.on("typing", ({ room, user }) => room === this.#room && listener.onTyping(user));
    socket.on("kicked", (notice) => this.#dismissed({ error: "kicked", ...notice }));
    socket.on("closed", (notice) => this.#dismissed({ error: "closed", ...notice }));
  }

  get joined() {
    return this.#joined;
  }

  /** Every record and every change up to it is here, or is not told any more. */
  get seq() {
    return this.#seq;
  }

  /**
   * Ask the server for something, when this page is in the room.
   * @template Answer
   * @param {string} event
   * @param {object} argument
   * @returns {Promise<Answer | Refused | null>} null when there was no answer
   */
  ask(event, argument) {
    if (!this.#joined) return Promise.resolve(null);
    return new Promise((resolve) => {
      const answered = (/** @type {Error | null} */ late, /** @type {any} */ answer) => resolve(late ? null : answer);
      this.#socket.timeout(ANSWER_WAIT_MS).emit(event, argument, answered);
    });
  }

  /** The machine may have slept: should the connection be gone, this page is not to learn of it only by a timer. */
  wake() {
    if (this.#joined && Date.now() - this.#heard > SILENCE_MS) this.#join();
  }

  /** Let the others see that one is writing; who is not in the room just now lets nobody see. */
  tellTyping() {
    if (this.#joined) this.#socket.volatile.emit("typing", { room: this.#room });
  }

  /**
   * Give the place up. Resolves when the server knows, or when it has taken too long to say so.
   * @param {boolean} keep whether an owner is to stay owner for a while, and the room to wait for them
   */
  async leave(keep) {
    if (this.#joined) {
      const leaving = { room: this.#room, keep };
      await new Promise((resolve) => this.#socket.timeout(LEAVE_WAIT_MS).emit("leave", leaving, resolve));
    }
    this.#end();
  }

  #join() {
    // Callbacks, not promises: an answer is dealt with before the event that follows it in the same frame.
    const attempt = ++this.#attempt;
    const answered = (/** @type {Error | null} */ late, /** @type {JoinAnswer | Refused} */ answer) => {
      if (attempt !== this.#attempt) return;
      if (late) this.#join();
      else if (answer.ok) this.#answered(answer);
      else this.#refused(answer);
    };
    const after = { epoch: this.#epoch, seq: this.#seq };
    this.#socket.timeout(ANSWER_WAIT_MS).emit("join", { room: this.#room, after }, answered);
  }

  /** @param {JoinAnswer} answer */
  #answered(answer) {
    this.#heard = Date.now();
    if (answer.more && this.#listener.onFarBehind()) return this.#end();
    this.#listener.onMissed(answer.missed, answer.missed.filter(({ seq }) => seq > this.#said));
    this.#seq = Math.max(this.#seq, answer.seq);
    if (answer.more) return this.#join();
    this.#said = this.#seq;
    this.#joined = true;
    this.#listener.onJoined(answer);
  }

  /** @param {Problem} problem */
  #refused(problem) {
    if (problem.error === "other_epoch") return void this.#beginAnew();
    if (!PASSING.has(problem.error)) return this.#dismissed(problem);
    const attempt = this.#attempt;
    const again = () => attempt === this.#attempt && this.#join();
    setTimeout(again, problem.retry_after ? problem.retry_after * 1000 : RETRY_MS);
  }

  async #beginAnew() {
    const attempt = this.#attempt;
    try {
      const page = /** @type {RoomPage} */ (await getJson(`/room/${this.#room}`));
      if (attempt !== this.#attempt) return;
      this.#epoch = page.epoch;
      this.#seq = this.#said = page.seq;
      this.#listener.onAnew(page);
      this.#join();
    } catch (failure) {
      if (attempt === this.#attempt) this.#refused(failure instanceof Refusal ? failure.problem : AWAY);
    }
  }

  /**
   * @param {ChatRecord} record
   * @param {(record: ChatRecord) => void} tell
   */
  #receive(record, tell) {
    if (record.room !== this.#room) return;
    // Not joined, it is what follows an answer that was no longer waited for, with the records in it.
    if (this.#joined) this.#seq = Math.max(this.#seq, record.rev ?? record.seq);
    tell(record);
  }

  /** @param {boolean} forGood the client will not try again by itself */
  #lost(forGood) {
    const attempt = ++this.#attempt;
    this.#joined = false;
    this.#listener.onLost();
    if (forGood) setTimeout(() => attempt === this.#attempt && this.#socket.connect(), RETRY_MS);
  }

  /** @param {Problem & {room?: string}} problem */
  #dismissed(problem) {
    if (problem.room !== undefined && problem.room !== this.#room) return;
    this.#end();
    this.#listener.onDismissed(problem);
  }

  #end() {
    this.#attempt++;
    this.#joined = false;
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
  }
}

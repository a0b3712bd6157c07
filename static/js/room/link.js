/**
 * Keeps the page in the room across any number of connections.
 *
 * Each connection joins with the position up to which this page has everything, and gets the records added and changed
 * since, in as many answers as needed; after the last answer, they arrive live. So none is missed, and the timeline
 * drops the few that arrive twice. A record's position is the `rev` of its last change, or else its `seq`.
 *
 * A position is valid in one epoch of the server's database. In another epoch, after an older copy was restored, the
 * page starts over with the latest records.
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
 * @property {(records: ChatRecord[], said: ChatRecord[]) => void} onMissed the records added or changed while this page
 *   was offline, in order of their positions; `said`: those that were added
 * @property {(record: ChatRecord) => void} onRecord
 * @property {(record: ChatRecord) => void} onUpdate a changed record; it may arrive twice, late, or be unknown here
 * @property {(user: string) => void} onTyping
 * @property {() => boolean} onFarBehind more was missed than one answer holds; returns true if the page reloads instead
 * @property {(page: RoomPage) => void} onStartOver the page's records are invalid; these replace them
 * @property {(answer: JoinAnswer) => void} onJoined everything missed has been delivered
 * @property {() => void} onLost the connection is lost and will be retried
 * @property {(problem: Problem) => void} onDismissed this visitor has no place here (any more); no events follow
 */

const RECORD_EVENTS = ["chat", "whisper", "join", "exit", "owner", "kick", "name"];

/** Stands for a missing answer. @type {Problem} */
const NO_ANSWER = { error: "internal", message: "" };

/** Refusals of a join that are worth a retry; all others are final. */
const TEMPORARY = new Set(["too_fast", "storage", "internal"]);

const ANSWER_TIMEOUT_MS = 8000;
const LEAVE_TIMEOUT_MS = 1000;
const RETRY_MS = 3000;

/** A connection that was silent for longer may be dead: the server pings every 25 s. */
const SILENCE_MS = 30_000;

export class RoomLink {
  #socket;
  #room;
  #epoch;
  #seq;
  /** Records up to it are not new. Lags behind `#seq` by later changes, and while more answers are to come. */
  #said;
  #listener;
  #joined = false;
  /** Numbers the connections and joins, so that late answers to an earlier one are ignored. */
  #attempt = 0;
  /** When the server was last heard. By a clock that does not stop while the machine sleeps. */
  #heard = Date.now();

  /**
   * @param {Socket} socket of /chat
   * @param {string} room
   * @param {{epoch: string, seq: number}} position up to which this page has every record
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
    socket.on("seatNeeded", (notice) => this.#dismissed({ error: "seat_needed", ...notice }));
    socket.on("closed", (notice) => this.#dismissed({ error: "closed", ...notice }));
  }

  get joined() {
    return this.#joined;
  }

  /** The position up to which every record and change has arrived. */
  get seq() {
    return this.#seq;
  }

  /**
   * Emit an event with an acknowledgement, if the page is in the room.
   * @template Answer
   * @param {string} event
   * @param {object} argument
   * @returns {Promise<Answer | Refused | null>} null when there was no answer
   */
  ask(event, argument) {
    if (!this.#joined) return Promise.resolve(null);
    return new Promise((resolve) => {
      const onAnswer = (/** @type {Error | null} */ late, /** @type {any} */ answer) => resolve(late ? null : answer);
      this.#socket.timeout(ANSWER_TIMEOUT_MS).emit(event, argument, onAnswer);
    });
  }

  /** The machine may have slept: check at once whether the connection still works. */
  wake() {
    if (this.#joined && Date.now() - this.#heard > SILENCE_MS) this.#join();
  }

  /** Tell the others that this visitor is typing, if the page is in the room. */
  sendTyping() {
    if (this.#joined) this.#socket.volatile.emit("typing", { room: this.#room });
  }

  /**
   * Leave the room. Resolves when the server has acknowledged, or after a timeout.
   * @param {boolean} keep whether an owner stays owner for a while, and the room waits for them
   */
  async leave(keep) {
    if (this.#joined) {
      const leaving = { room: this.#room, keep };
      await new Promise((resolve) => this.#socket.timeout(LEAVE_TIMEOUT_MS).emit("leave", leaving, resolve));
    }
    this.#end();
  }

  #join() {
    // A callback, not a promise: the answer must be handled before the events that follow it in the same payload.
    const attempt = ++this.#attempt;
    const onAnswer = (/** @type {Error | null} */ late, /** @type {JoinAnswer | Refused} */ answer) => {
      if (attempt !== this.#attempt) return;
      if (late) this.#join();
      else if (answer.ok) this.#answered(answer);
      else this.#refused(answer);
    };
    const after = { epoch: this.#epoch, seq: this.#seq };
    this.#socket.timeout(ANSWER_TIMEOUT_MS).emit("join", { room: this.#room, after }, onAnswer);
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
    if (problem.error === "other_epoch") return void this.#startOver();
    if (!TEMPORARY.has(problem.error)) return this.#dismissed(problem);
    const attempt = this.#attempt;
    const retry = () => attempt === this.#attempt && this.#join();
    setTimeout(retry, problem.retry_after ? problem.retry_after * 1000 : RETRY_MS);
  }

  async #startOver() {
    const attempt = this.#attempt;
    try {
      const page = /** @type {RoomPage} */ (await getJson(`/room/${this.#room}`));
      if (attempt !== this.#attempt) return;
      this.#epoch = page.epoch;
      this.#seq = this.#said = page.seq;
      this.#listener.onStartOver(page);
      this.#join();
    } catch (failure) {
      if (attempt === this.#attempt) this.#refused(failure instanceof Refusal ? failure.problem : NO_ANSWER);
    }
  }

  /**
   * @param {ChatRecord} record
   * @param {(record: ChatRecord) => void} deliver
   */
  #receive(record, deliver) {
    if (record.room !== this.#room) return;
    // Without a join, the event follows an answer that came too late, and whose records are still missing here.
    if (this.#joined) this.#seq = Math.max(this.#seq, record.rev ?? record.seq);
    deliver(record);
  }

  /** @param {boolean} stopped whether the client will not reconnect by itself */
  #lost(stopped) {
    const attempt = ++this.#attempt;
    this.#joined = false;
    this.#listener.onLost();
    if (stopped) setTimeout(() => attempt === this.#attempt && this.#socket.connect(), RETRY_MS);
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

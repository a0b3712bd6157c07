/**
 * Tells screen readers what arrives, each record once, in a log of its own: the lines themselves come, go and change
 * more often than that. Who comes and goes is told together, when nobody has for a moment.
 */

import { t } from "../texts.js";
import { calledInText } from "../who.js";
import { runText } from "./arranged.js";
import { factsOf, runs } from "./arrangement.js";
import { eventText } from "./line.js";
import { pictureText } from "./pictures/motif.js";

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

const PASSAGES_MS = 2000;

/** More at once, as after a lost connection, are only counted. */
const MOST_AT_ONCE = 5;

/** How many stay in the log; a screen reader may be some way behind. */
const KEPT = 10;

export class Announcer {
  #log;
  #me;
  /** @type {ChatRecord[]} */
  #passages = [];
  #timer = 0;

  /**
   * @param {HTMLElement} log
   * @param {string} me the visitor's own colour
   */
  constructor(log, me) {
    this.#log = log;
    this.#me = me;
  }

  /** @param {ChatRecord[]} records new ones */
  arrived(records) {
    const said = records.filter((record) => !factsOf(record).passage);
    if (said.length > MOST_AT_ONCE) this.#tell(t("js.heard.several", { count: said.length }));
    else for (const record of said) this.#tell(this.#text(record));
    if (said.length === records.length) return;
    this.#passages.push(...records.filter((record) => factsOf(record).passage));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tellPassages(), PASSAGES_MS);
  }

  #tellPassages() {
    const passages = this.#passages.splice(0);
    const [run] = runs(passages.map(factsOf));
    if (run) this.#tell(runText(run));
    else for (const record of passages) this.#tell(this.#text(record));
  }

  /** @param {ChatRecord} record */
  #text({ user, role, chat, gif, to, event, subject = "", name }) {
    if (event) return eventText(event, subject, name);
    if (user === "system") return chat ?? "";
    const called = role ? t("js.heard.teacher", { who: calledInText(user) }) : calledInText(user);
    const who = user === this.#me ? t("js.heard.me") : called;
    const text = chat ?? pictureText(gif);
    if (to === undefined) return t("js.heard.said", { who, text });
    const how = user === this.#me ? t("js.whisper.to", { user: calledInText(to) }) : t("js.whisper.from");
    return t("js.heard.whisper", { who, how, text });
  }

  /** @param {string} text */
  #tell(text) {
    const entry = document.createElement("p");
    entry.textContent = text;
    this.#log.append(entry);
    if (this.#log.childElementCount > KEPT) this.#log.firstElementChild?.remove();
  }
}

/** Builds the chat's lines from copies of the server's own templates. */

import { copyOf, part } from "../parts.js";
import { isolated } from "../text.js";
import { t } from "../texts.js";
import { showClock, showTime } from "../when.js";
import { fillChip, showFace, tell } from "../who.js";
import { describe } from "./pictures/motif.js";
import { fillPicture, previewPicture } from "./pictures/picture.js";
import { fillQuote } from "./quote_view.js";
import { fillBar, givenIn } from "./reaction_bar.js";
import { given } from "./reactions.js";
import { fillText } from "./text_view.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

const HIGHLIGHT_MS = 3000;

/**
 * @param {ChatRecord} record
 * @param {string} me the reader's colour
 * @param {HTMLElement} [before] the record's previous line
 * @returns {HTMLElement}
 */
export function recordLine(record, me, before) {
  const { _id, seq, deleted, reactions } = record;
  const parts = new Set(deleted ? [] : ["more"]);
  const reacted = !deleted && reactions && Object.keys(reactions).length > 0;
  if (reacted) parts.add("reactions");
  const line = record.user === "system" ? systemLine(record, parts) : userLine(record, me, parts);
  line.dataset.seq = String(seq);
  line.dataset.id = _id;
  if (reacted) fillBar(part(line, "reactions"), given(record, me, before && givenIn(before)));
  return line;
}

/** The parts of a line that not every line has. */
const OPTIONAL = ["more", "role", "whisper", "edited", "quote", "deleted", "picture", "text", "reactions", "delivery", "subject"];

/** @type {Map<string, HTMLElement>} lines as they begin, by their kind and parts: removing parts from each takes longer */
const blanks = new Map();

/**
 * @param {"message" | "system"} kind
 * @param {Set<string>} parts those of OPTIONAL that it has
 * @returns {HTMLElement} a line with these parts, to be filled
 */
function blankLine(kind, parts) {
  const key = [kind, ...OPTIONAL.filter((name) => parts.has(name))].join(" ");
  let blank = blanks.get(key);
  if (!blank) {
    blank = copyOf(`${kind}-template`);
    for (const name of OPTIONAL) if (!parts.has(name)) part(blank, name)?.remove();
    blanks.set(key, blank);
  }
  return /** @type {HTMLElement} */ (blank.cloneNode(true));
}

/**
 * @param {ChatRecord} record
 * @param {string} me
 * @param {Set<string>} parts
 */
function userLine(record, me, parts) {
  const { gif, width = 0, height = 0, poster, flashes, deleted, editedAt } = record;
  if (deleted) parts.add("deleted");
  else if (gif) parts.add("picture");
  if (editedAt && !deleted) parts.add("edited");
  const line = messageLine(record, me, parts);
  if (gif && !deleted) {
    fillPicture(part(line, "picture"), { gif, width, height, poster, flashes });
    describe(part(line, "image"), gif, record.user);
  }
  if (editedAt && !deleted) showTime(/** @type {HTMLTimeElement} */ (part(line, "edited-at")), editedAt);
  if (deleted) {
    line.dataset.deleted = deleted;
    part(line, "deleted").textContent = t(`js.deleted.${deleted}`);
  }
  return line;
}

/**
 * @typedef {object} Pending
 * @property {string} nonce
 * @property {string} user the visitor's own colour
 * @property {string} createdAt ISO 8601
 * @property {string} [chat]
 * @property {string} [to] the recipient of a whisper
 * @property {string} [preview] the address of an image that is being sent
 * @property {boolean} [moves] whether that may be an animation
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 * @property {Quote} [re] what it answers
 */

/**
 * A line for something the visitor sends that is not a record yet.
 * @param {Pending} pending
 * @returns {HTMLElement}
 */
export function pendingLine(pending) {
  const line = messageLine(pending, pending.user, new Set(pending.preview ? ["delivery", "picture"] : ["delivery"]));
  for (const name of ["data-seq", "data-id"]) line.removeAttribute(name);
  line.dataset.nonce = pending.nonce;
  if (pending.preview) {
    previewPicture(part(line, "picture"), pending.preview, pending);
    describe(part(line, "image"), undefined, pending.user);
  }
  markSending(line);
  return line;
}

/** @param {HTMLElement} line a pending one */
export function markSending(line) {
  mark(line, "pending", t("js.sending"));
}

/**
 * @param {HTMLElement} line a pending one that can be cancelled
 * @param {string} text
 */
export function markUnderway(line, text) {
  mark(line, "pending", text, ["cancel"]);
}

/**
 * @param {HTMLElement} line a pending one that only its sender sees for now
 * @param {string} text
 */
export function markHeld(line, text) {
  mark(line, "pending", text);
}

/** @param {HTMLElement} line a pending one that the server has accepted and whose record has not arrived */
export function markTaken(line) {
  mark(line, "taken", "");
}

/**
 * @param {HTMLElement} line a pending one
 * @param {string} text why it was refused
 * @param {boolean} retryable whether sending it again makes sense
 */
export function markFailed(line, text, retryable) {
  part(line, "delivery-state").role = "alert";
  mark(line, "failed", text, retryable ? ["retry", "discard"] : ["discard"]);
}

/**
 * @param {HTMLElement} line a pending one
 * @param {number} done from 0 to 1
 */
export function showProgress(line, done) {
  const bar = /** @type {HTMLProgressElement} */ (part(line, "progress"));
  bar.hidden = false;
  bar.value = done;
}

/** @param {HTMLElement} line to highlight for a while; the focus makes a screen reader read it */
export function pointAt(line) {
  line.tabIndex = -1;
  line.focus({ preventScroll: true });
  line.classList.add("found");
  setTimeout(() => line.classList.remove("found"), HIGHLIGHT_MS);
}

/**
 * @param {HTMLElement} line
 * @param {"pending" | "taken" | "failed"} state
 * @param {string} text
 * @param {string[]} [actions] whose buttons are shown
 */
function mark(line, state, text, actions = []) {
  line.classList.remove("pending", "taken", "failed");
  line.classList.add(state);
  part(line, "progress").hidden = true;
  if (state !== "failed") part(line, "delivery-state").removeAttribute("role");
  part(line, "delivery-state").textContent = text;
  for (const button of part(line, "delivery").querySelectorAll("button")) {
    button.hidden = !actions.includes(button.dataset.action ?? "");
  }
}

/**
 * @param {ChatRecord} record
 * @param {Set<string>} parts
 */
function systemLine({ createdAt, event, subject = "", chat = "", name }, parts) {
  parts.add("text");
  if (subject) parts.add("subject");
  const line = blankLine("system", parts);
  line.dataset.at = createdAt;
  part(line, "text").textContent = event ? eventText(event, subject, name) : chat;
  if (subject) showFace(part(line, "subject"), subject);
  return line;
}

/**
 * @param {NonNullable<ChatRecord["event"]>} event
 * @param {string} user
 * @param {string} [name]
 */
export function eventText(event, user, name) {
  if (event !== "name") return t(`js.system.${event}`, { user });
  return name ? t("js.system.name", { user, name: isolated(name) }) : t("js.system.nameless", { user });
}

/**
 * @param {{user: string, role?: string, createdAt: string, chat?: string, to?: string, re?: Quote, deleted?: string}} said
 * @param {string} me
 * @param {Set<string>} parts what is known of them
 */
function messageLine({ user, role, createdAt, chat, to, re, deleted }, me, parts) {
  if (chat && !deleted) parts.add("text");
  if (re && !deleted) parts.add("quote");
  if (to) parts.add("whisper");
  if (role) parts.add("role");
  const line = blankLine("message", parts);
  const mine = user === me;
  line.className = mine ? "mine" : "other";
  if (role) line.classList.add(role);
  fillChip(line, user);
  showClock(/** @type {HTMLTimeElement} */ (part(line, "time")), createdAt);
  if (chat && !deleted) fillText(part(line, "text"), chat);
  if (re && !deleted) fillQuote(part(line, "quote"), re);
  if (to) {
    line.classList.add("whisper");
    line.dataset.to = to;
    if (mine) tell(part(line, "whisper"), "js.whisper.to", to);
    else part(line, "whisper").textContent = t("js.whisper.from");
  }
  return line;
}

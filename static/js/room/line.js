/** Builds the chat's lines from copies of the server's own templates. */

import { copyOf, fillChip, part } from "../parts.js";
import { t } from "../texts.js";
import { showTime } from "../when.js";
import { fillPicture, previewPicture } from "./pictures/picture.js";
import { fillQuote } from "./quote_view.js";
import { given } from "./reactions.js";

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
  const line = record.user === "system" ? systemLine(record) : userLine(record, me);
  line.dataset.seq = String(seq);
  line.dataset.id = _id;
  if (deleted) part(line, "more").remove();
  const list = part(line, "reactions");
  if (deleted || !reactions || !Object.keys(reactions).length) list.remove();
  else list.replaceChildren(...reactionButtons(record, me, before));
  return line;
}

/**
 * @param {ChatRecord} record
 * @param {string} me
 */
function userLine(record, me) {
  const line = messageLine(record, me);
  part(line, "delivery").remove();
  const { gif, width = 0, height = 0, poster, deleted, editedAt } = record;
  if (gif && !deleted) fillPicture(part(line, "picture"), { gif, width, height, poster });
  else part(line, "picture").remove();
  if (editedAt && !deleted) showTime(/** @type {HTMLTimeElement} */ (part(line, "edited-at")), editedAt);
  else part(line, "edited").remove();
  if (deleted) {
    line.dataset.deleted = deleted;
    part(line, "deleted").textContent = t(`js.deleted.${deleted}`);
  } else {
    part(line, "deleted").remove();
  }
  return line;
}

/**
 * @param {ChatRecord} record
 * @param {string} me
 * @param {HTMLElement} [before]
 */
function reactionButtons(record, me, before) {
  const pressed = /** @type {HTMLElement[]} */ ([...(before?.querySelectorAll('[data-emoji][aria-pressed="true"]') ?? [])]);
  return given(record, me, pressed.map(({ dataset }) => dataset.emoji ?? "")).map(({ emoji, count, users, mine }) => {
    const button = copyOf("reaction-template");
    button.dataset.emoji = emoji;
    button.setAttribute("aria-pressed", String(mine));
    button.title = users.join(", ") + (count > users.length ? " …" : "");
    part(button, "emoji").textContent = emoji;
    part(button, "count").textContent = String(count);
    return button;
  });
}

/**
 * @typedef {object} Pending
 * @property {string} nonce
 * @property {string} user the visitor's own colour
 * @property {string} createdAt ISO 8601
 * @property {string} [chat]
 * @property {string} [to] the recipient of a whisper
 * @property {string} [preview] the address of an image that is being sent
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
  const line = messageLine(pending, pending.user);
  for (const name of ["data-seq", "data-id"]) line.removeAttribute(name);
  for (const name of ["edited", "deleted", "more", "reactions"]) part(line, name).remove();
  line.dataset.nonce = pending.nonce;
  const picture = part(line, "picture");
  if (pending.preview) {
    previewPicture(picture, pending.preview, pending);
  } else {
    picture.remove();
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
  part(line, "delivery-state").textContent = text;
  for (const button of part(line, "delivery").querySelectorAll("button")) {
    button.hidden = !actions.includes(button.dataset.action ?? "");
  }
}

/** @param {ChatRecord} record */
function systemLine({ event, subject = "", chat = "" }) {
  const line = copyOf("system-template");
  part(line, "text").textContent = event ? t(`js.system.${event}`, { user: subject }) : chat;
  return line;
}

/**
 * @param {{user: string, createdAt: string, chat?: string, to?: string, re?: Quote, deleted?: string}} said
 * @param {string} me
 */
function messageLine({ user, createdAt, chat, to, re, deleted }, me) {
  const line = copyOf("message-template");
  const mine = user === me;
  line.className = mine ? "mine" : "other";
  fillChip(line, user);
  showTime(/** @type {HTMLTimeElement} */ (part(line, "time")), createdAt);
  part(line, "image").setAttribute("alt", t("js.picture", { user }));
  if (chat && !deleted) part(line, "text").textContent = chat;
  else part(line, "text").remove();
  if (re && !deleted) fillQuote(part(line, "quote"), re);
  else part(line, "quote").remove();
  if (to) {
    line.classList.add("whisper");
    line.dataset.to = to;
    part(line, "whisper").textContent = mine ? t("js.whisper.to", { user: to }) : t("js.whisper.from");
  } else {
    part(line, "whisper").remove();
  }
  return line;
}

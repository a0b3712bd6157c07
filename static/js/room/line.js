/** Lines of the chat, filled into copies of the markup that the server draws them with. */

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

const POINTED_MS = 3000;

/**
 * @param {ChatRecord} record
 * @param {string} me the reader's colour
 * @param {HTMLElement} [before] its line in an earlier state
 * @returns {HTMLElement}
 */
export function recordLine(record, me, before) {
  const { _id, seq, deleted, reactions } = record;
  const line = record.user === "system" ? systemLine(record) : recordedLine(record, me);
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
function recordedLine(record, me) {
  const line = saidLine(record, me);
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
 * @property {string} user one's own colour
 * @property {string} createdAt ISO 8601
 * @property {string} [chat] what is said
 * @property {string} [to] whom it is whispered to
 * @property {string} [preview] the address of an image that is being sent
 * @property {number} [width] its pixels
 * @property {number} [height] its pixels
 * @property {Quote} [re] what it answers
 */

/**
 * Something of one's own that is no record yet.
 * @param {Pending} pending
 * @returns {HTMLElement}
 */
export function pendingLine(pending) {
  const line = saidLine(pending, pending.user);
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
 * @param {HTMLElement} line a pending one that can be called back
 * @param {string} text
 */
export function markUnderway(line, text) {
  mark(line, "pending", text, ["cancel"]);
}

/** @param {HTMLElement} line a pending one that the server has taken, whose record is on its way */
export function markTaken(line) {
  mark(line, "taken", "");
}

/**
 * @param {HTMLElement} line a pending one
 * @param {string} text why it was refused
 * @param {boolean} again whether sending it again makes sense
 */
export function markFailed(line, text, again) {
  mark(line, "failed", text, again ? ["retry", "discard"] : ["discard"]);
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

/** @param {HTMLElement} line that the reader was led to: marked for a while, and read out */
export function pointAt(line) {
  line.tabIndex = -1;
  line.focus({ preventScroll: true });
  line.classList.add("found");
  setTimeout(() => line.classList.remove("found"), POINTED_MS);
}

/**
 * @param {HTMLElement} line
 * @param {"pending" | "taken" | "failed"} state
 * @param {string} text
 * @param {string[]} [actions] what can be done about it
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
function saidLine({ user, createdAt, chat, to, re, deleted }, me) {
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

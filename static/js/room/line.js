/** Lines of the chat, filled into copies of the markup that the server draws them with. */

import { copyOf, fillChip, part } from "../parts.js";
import { t } from "../texts.js";
import { showTime } from "../when.js";
import { fillPicture, previewPicture } from "./pictures/picture.js";

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

const POINTED_MS = 3000;

/**
 * @param {ChatRecord} record
 * @param {string} me the reader's colour
 * @returns {HTMLElement}
 */
export function recordLine(record, me) {
  if (record.user === "system") return systemLine(record);
  const line = saidLine(record, me);
  part(line, "delivery").remove();
  line.dataset.seq = String(record.seq);
  const { gif, width = 0, height = 0, poster } = record;
  if (gif) fillPicture(part(line, "picture"), { gif, width, height, poster });
  else part(line, "picture").remove();
  return line;
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
 */

/**
 * Something of one's own that is no record yet.
 * @param {Pending} pending
 * @returns {HTMLElement}
 */
export function pendingLine(pending) {
  const line = saidLine(pending, pending.user);
  line.removeAttribute("data-seq");
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
function systemLine({ seq, event, subject = "", chat = "" }) {
  const line = copyOf("system-template");
  line.dataset.seq = String(seq);
  part(line, "text").textContent = event ? t(`js.system.${event}`, { user: subject }) : chat;
  return line;
}

/**
 * @param {{user: string, createdAt: string, chat?: string, to?: string}} said
 * @param {string} me
 */
function saidLine({ user, createdAt, chat, to }, me) {
  const line = copyOf("message-template");
  const mine = user === me;
  line.className = mine ? "mine" : "other";
  fillChip(line, user);
  showTime(/** @type {HTMLTimeElement} */ (part(line, "time")), createdAt);
  part(line, "image").setAttribute("alt", t("js.picture", { user }));
  if (chat) part(line, "text").textContent = chat;
  else part(line, "text").remove();
  if (to) {
    line.classList.add("whisper");
    part(line, "whisper").textContent = mine ? t("js.whisper.to", { user: to }) : t("js.whisper.from");
  } else {
    part(line, "whisper").remove();
  }
  return line;
}

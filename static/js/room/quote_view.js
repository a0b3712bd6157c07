/** Draws the quote in a reply (the markup is in templates/partials/message.html). */

import { part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";
import { addressOf } from "./pictures/address.js";
import { frameOf } from "./pictures/frame.js";
import { pictureText } from "./pictures/motif.js";

/** @typedef {import("../wire.js").Quote} Quote */

const STILL_PX = 96;

/**
 * @param {HTMLElement} element
 * @param {Quote} quote
 */
export function fillQuote(element, { _id, seq, user, chat, gif, deleted }) {
  element.dataset.original = _id;
  element.dataset.originalSeq = String(seq);
  element.classList.toggle("gone", deleted !== undefined);
  const author = part(element, "quote-user");
  author.hidden = user === "system";
  if (user !== "system") fillChip(author, user);
  const other = () => (gif ? pictureText(gif) : t("js.whisper.from")); // others learn only that there is a whisper
  part(element, "quote-text").textContent = deleted ? t(`js.deleted.${deleted}`) : (chat ?? other());
  const image = chat || deleted ? undefined : gif;
  if (element.dataset.gif === image) return;
  if (image) element.dataset.gif = image;
  else delete element.dataset.gif;
  drawStill(element);
}

/** @param {HTMLElement} element a quote; an image is shown as a still */
export async function drawStill(element) {
  const { gif } = element.dataset;
  part(element, "still").replaceChildren();
  if (!gif) return;
  const image = new Image();
  image.src = addressOf(gif);
  try {
    await image.decode();
  } catch {
    return; // the quote still has its text
  }
  if (element.dataset.gif === gif) part(element, "still").replaceChildren(frameOf(image, STILL_PX));
}

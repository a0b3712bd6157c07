/**
 * Draws a message's text: links, code and large emoji. By nodes, never by markup, and their `textContent` is what was said.
 *
 * What else is to be marked in a text is a kind of piece (text_pieces.js) with a drawing in `DRAWN`; mentions are not, since
 * whom they mean may be known later only (mention_view.js).
 */

import { copyOf, part } from "../parts.js";
import { colour } from "./code_colours.js";
import { markMentions } from "./mention_view.js";
import { isEmojiAlone } from "./text_emoji.js";
import { isPlain, piecesOf } from "./text_pieces.js";

/**
 * @typedef {import("./text_pieces.js").TextPiece} TextPiece
 * @typedef {import("./text_pieces.js").Link} Link
 * @typedef {import("./text_pieces.js").CodePiece} CodePiece
 */

/** A longer address begins where it stands, and breaks anywhere: it would hardly fit into a line of its own. */
const LONG = 48;

/** @type {{[K in TextPiece["kind"]]: (piece: any) => Node}} by kind */
const DRAWN = {
  plain: ({ text }) => document.createTextNode(text),
  link: linkTo,
  code: inlineCode,
  block,
};

/**
 * @param {HTMLElement} element a line's text
 * @param {string} text
 */
export function fillText(element, text) {
  element.classList.toggle("emoji-alone", isEmojiAlone(text));
  const found = isPlain(text) ? [] : piecesOf(text);
  element.classList.toggle("code-alone", found.length === 1 && found[0].kind === "block");
  if (found.length) element.replaceChildren(...found.map((piece) => DRAWN[piece.kind](piece)));
  else element.textContent = text;
  element.classList.remove("to-me");
  if (text.includes("@")) markMentions(element);
}

/** @param {ParentNode} root with lines that the server rendered */
export function dressTexts(root) {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".text"))) {
    const text = element.textContent ?? "";
    if (!isPlain(text) || isEmojiAlone(text)) fillText(element, text);
  }
}

/**
 * Make a line's text equal to a fresh one. Unlike the rest of a line, it has text and elements beside each other.
 * @param {Element} element
 * @param {Element} fresh
 * @returns {boolean} whether it is a text
 */
export function retext(element, fresh) {
  if (!element.matches(".text")) return false;
  if (element.textContent !== fresh.textContent) {
    element.className = fresh.className;
    element.replaceChildren(...fresh.childNodes);
  }
  return true;
}

/** @param {Link} piece */
function linkTo({ text, href }) {
  const link = document.createElement("a");
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.textContent = text;
  if (text.length > LONG) link.className = "long";
  return link;
}

/** @param {CodePiece} piece */
function inlineCode({ before, text, after }) {
  const drawn = document.createDocumentFragment();
  const code = document.createElement("code");
  code.textContent = text;
  drawn.append(hidden(before), code, hidden(after));
  return drawn;
}

/** @param {string} marks */
function hidden(marks) {
  const element = document.createElement("span");
  element.hidden = true;
  element.textContent = marks;
  return element;
}

/** @param {CodePiece} piece */
function block({ before, text, after, language }) {
  const drawn = copyOf("code-template");
  part(drawn, "before").textContent = before;
  part(drawn, "head").dataset.language = language;
  part(drawn, "code").textContent = text;
  part(drawn, "after").textContent = after;
  colour(part(drawn, "code"), language);
  return drawn;
}

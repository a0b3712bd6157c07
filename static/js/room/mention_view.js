/** Marks the mentions in what is said. */

import { whenIdle } from "../idle.js";
import { handleOf, nameOf, whenMet } from "../who.js";
import { Mentions } from "./mentions.js";
import { learnOtherWords, otherHandleOf } from "./other_words.js";

/** By what the people are called who are there now. */
let mentions = new Mentions();

/** @type {string | undefined} */
let me;

/**
 * @param {string} user the reader's colour
 * @param {HTMLElement} list of the lines, whose texts are looked at again when somebody comes or is called something else
 */
export function recognizeMentions(user, list) {
  me = user;
  /** @type {string[]} */
  let present = [];
  const look = () => {
    // Of two people who can be meant by the same words, those whose own name they are.
    const callings = [nameOf, (/** @type {string} */ each) => handleOf(each), otherHandleOf];
    mentions = new Mentions(callings.flatMap((call) => present.map((each) => /** @type {[string, string]} */ ([each, call(each)]))));
    for (const text of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(":scope > * > .text"))) markMentions(text);
  };
  whenMet((users) => {
    present = users;
    look();
  });
  whenIdle(() => learnOtherWords().then(look, () => {}));
}

/** @param {string} text @returns {boolean} whether it mentions the reader */
export function mentionsReader(text) {
  return me !== undefined && mentions.has(text, me);
}

/** @param {string} user who is there @returns {string} what mentions them */
export function mentionOf(user) {
  return mentions.write(user, nameOf(user));
}

/**
 * Mark the mentions in a text that are not marked yet. What was marked stays: who it means may have left since.
 * @param {HTMLElement} element a line's text; its plain text is in no other element
 */
export function markMentions(element) {
  for (const node of [...element.childNodes]) {
    if (!(node instanceof Text) || !node.data.includes("@")) continue;
    const before = node.previousSibling?.textContent?.slice(-1) ?? "";
    const found = mentions.find(before + node.data).filter(({ start }) => start >= before.length);
    // From the last one, so that those before it stay where they are.
    for (const { start, end, user } of found.reverse()) {
      node.splitText(end - before.length);
      const mark = markOf(user);
      mark.append(node.splitText(start - before.length));
      node.after(mark);
      if (user === me) element.classList.add("to-me");
    }
  }
}

/** @param {string} user */
function markOf(user) {
  const mark = document.createElement("span");
  mark.className = user === me ? "mention me" : "mention";
  mark.title = user;
  return mark;
}

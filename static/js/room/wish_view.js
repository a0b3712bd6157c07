/** Shows on a line what its reader has changed and what is not done yet, over what the server knows. */

import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { morph } from "./morph.js";
import { fillBar, shownIn } from "./reaction_bar.js";
import { wished } from "./reactions.js";
import { fillText } from "./text_view.js";

/**
 * @typedef {import("./reactions.js").GivenReaction} GivenReaction
 * @typedef {import("./wishes.js").Wish} Wish
 *
 * @typedef {object} Certain what the server knows of a record's line
 * @property {GivenReaction[]} reactions
 * @property {string} text
 */

export class WishView {
  #me;
  /** @type {Map<string, Certain>} by `_id`, of lines that show something else */
  #known = new Map();

  /** @param {string} me the reader's colour */
  constructor(me) {
    this.#me = me;
  }

  /**
   * @param {HTMLElement} line just made from a record
   * @param {Wish[]} wishes of it
   */
  drawn(line, wishes) {
    const id = line.dataset.id ?? "";
    this.#known.delete(id);
    if (wishes.length && !line.dataset.deleted) this.#show(line, this.#take(line), wishes);
  }

  /**
   * The wishes of a record have changed.
   * @param {HTMLElement} line on the page
   * @param {Wish[]} wishes those left
   * @param {Wish} [fulfilled]
   */
  changed(line, wishes, fulfilled) {
    const id = line.dataset.id ?? "";
    if (line.dataset.deleted || !(wishes.length || this.#known.has(id))) return;
    const known = this.#known.get(id) ?? this.#take(line);
    // Of many who gave one emoji, only the first are named: the reader may not be.
    const given = fulfilled?.kind === "react" && known.reactions.find(({ emoji }) => emoji === fulfilled.emoji);
    if (given) given.mine = fulfilled.on === true;
    this.#show(line, known, wishes);
    if (!wishes.length) this.#known.delete(id);
  }

  /** @param {HTMLElement} line that shows what the server knows */
  #take(line) {
    const known = { reactions: shownIn(line), text: textOf(line)?.textContent ?? "" };
    this.#known.set(line.dataset.id ?? "", known);
    return known;
  }

  /**
   * @param {HTMLElement} line
   * @param {Certain} known
   * @param {Wish[]} wishes
   */
  #show(line, known, wishes) {
    const focused = line.contains(document.activeElement);
    const reacting = wishes.filter(({ kind }) => kind === "react");
    showReactions(line, wished(known.reactions, reacting, this.#me));
    const edit = wishes.find(({ kind }) => kind === "edit");
    showText(line, edit?.chat ?? known.text);
    showState(line, wishes.find(({ kind }) => kind === "delete") ?? edit);
    if (!focused || line.contains(document.activeElement)) return;
    // The focused button was removed.
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
  }
}

/** @param {HTMLElement} line @returns {HTMLElement | null} */
function textOf(line) {
  return line.querySelector(':scope > [data-part="text"].written');
}

/**
 * @param {HTMLElement} line
 * @param {string} chat
 */
function showText(line, chat) {
  const text = textOf(line);
  if (text && text.textContent !== chat) fillText(text, chat);
}

/**
 * @param {HTMLElement} line
 * @param {GivenReaction[]} reactions
 */
function showReactions(line, reactions) {
  const bar = part(line, "reactions");
  if (!reactions.length) return bar?.remove();
  const fresh = copyOf("reactions-template");
  fillBar(fresh, reactions);
  if (bar) morph(bar, fresh, () => false);
  else if (part(line, "change")) part(line, "change").before(fresh);
  else line.append(fresh);
}

/**
 * @param {HTMLElement} line
 * @param {Wish} [wish] its edit or deletion
 */
function showState(line, wish) {
  const busy = wish !== undefined && (wish.state === "waiting" || wish.state === "asked");
  const failed = wish?.state === "failed";
  line.classList.toggle("pending", busy);
  line.classList.toggle("failed", failed);
  const shown = part(line, "change");
  if (!wish || !(busy || failed)) return shown?.remove();
  const box = shown ?? copyOf("change-template");
  const how = failed ? "failed" : wish.state;
  part(box, "change-state").textContent = t(`js.${wish.kind}.${how}`, { trouble: wish.trouble ?? "" });
  for (const button of box.querySelectorAll("button")) button.hidden = !failed;
  if (!shown) line.append(box);
}

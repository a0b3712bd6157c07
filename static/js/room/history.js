// @ts-check
/** The way back into what was said before: a page more whenever its reader comes near the top. */

import { getJson } from "../http.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

const PAGE = 50;
const AHEAD = "300px";

export class History {
  #room;
  #conversation;
  #button;
  #loading = false;
  #sight;

  /**
   * @param {string} room
   * @param {Conversation} conversation
   * @param {HTMLElement} area what scrolls
   * @param {HTMLButtonElement} button stands at the top while there is more, and loads it too when pressed
   */
  constructor(room, conversation, area, button) {
    this.#room = room;
    this.#conversation = conversation;
    this.#button = button;
    button.addEventListener("click", () => this.#load());
    this.#sight = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && this.#load(), {
      root: area,
      rootMargin: `${AHEAD} 0px 0px`,
    });
    if (!button.hidden) this.#sight.observe(button);
  }

  async #load() {
    if (this.#loading || this.#button.hidden) return;
    this.#loading = true;
    this.#sight.unobserve(this.#button);
    try {
      const address = `/room/${this.#room}/chats?before=${this.#conversation.oldest}&limit=${PAGE}`;
      const { chats, more } = await getJson(address);
      this.#button.hidden = !more;
      this.#conversation.receiveOlder(chats);
      // Observed anew, it tells at once when the top is still in sight.
      if (more) this.#sight.observe(this.#button);
    } catch {
      // The button stays, to be pressed when the network is back.
    } finally {
      this.#loading = false;
    }
  }
}

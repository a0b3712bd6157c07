/** The way back into what was said before: a page more whenever its reader comes near the top. */

import { getJson } from "../http.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

const PAGE = 50;
const AHEAD = "300px";

/** On the way to one certain record: as many at once as the server gives, and not so many that the page gets slow. */
const STRIDE = 200;
const STRIDES = 10;

export class History {
  #room;
  #conversation;
  #button;
  /** @type {Promise<boolean> | null} */
  #loading = null;
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

  /**
   * Load as far back as a certain record.
   * @param {number} seq
   * @returns {Promise<boolean>} whether the page has all from there on; it may be too far
   */
  async reach(seq) {
    for (let stride = 0; stride < STRIDES && this.#conversation.oldest > seq; stride++) {
      if (!(await this.#load(STRIDE))) break;
    }
    return this.#conversation.oldest <= seq;
  }

  /**
   * The conversation has begun anew.
   * @param {boolean} more whether there are records before those it has
   */
  begin(more) {
    this.#sight.unobserve(this.#button);
    this.#button.hidden = !more;
    if (more) this.#sight.observe(this.#button);
  }

  /** @returns {Promise<boolean>} whether it has loaded anything */
  #load(limit = PAGE) {
    if (this.#button.hidden) return Promise.resolve(false);
    this.#loading ??= this.#request(limit).finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** @param {number} limit */
  async #request(limit) {
    this.#sight.unobserve(this.#button);
    try {
      const before = this.#conversation.oldest;
      const { chats, more } = await getJson(`/room/${this.#room}/chats?before=${before}&limit=${limit}`);
      if (before !== this.#conversation.oldest) {
        this.#sight.observe(this.#button); // it has begun anew meanwhile: this is not what comes before
        return false;
      }
      this.#button.hidden = !more;
      this.#conversation.receiveOlder(chats);
      // Observed anew, it tells at once when the top is still in sight.
      if (more) this.#sight.observe(this.#button);
      return true;
    } catch {
      // The button stays, to be pressed when the network is back.
      return false;
    }
  }
}

/** What the browser's tab tells of a room whose page is hidden: a number before the title and a dot in the icon. */

/** Drawn over the icon, whose square is 32 units wide. */
const DOTS = {
  unread: '<circle cx="24" cy="8" r="7" fill="#e5484d" stroke="#fff" stroke-width="2"/>',
  mention:
    '<circle cx="20" cy="12" r="11" fill="#c4121a" stroke="#fff" stroke-width="2"/>' +
    '<path d="M24 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0v1.5a2 2 0 0 0 3 1c2-6-2-9-7-9a6.5 6.5 0 1 0 4 11.5" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
};

export class TabSign {
  #title = document.title;
  #number = "";
  #icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="icon"]'));
  #plain = this.#icon.href;
  /** @type {keyof typeof DOTS | ""} */
  #dot = "";
  /** @type {Promise<string> | null} */
  #drawing = null;

  /** @param {string} title */
  name(title) {
    this.#title = title;
    this.#showTitle();
  }

  /**
   * @param {number} count what is unread
   * @param {number} mentions how much of it is addressed to the reader
   */
  show(count, mentions) {
    this.#number = count ? `(${mentions ? `${count} @${mentions}` : count}) ` : "";
    this.#showTitle();
    const dot = mentions ? "mention" : count ? "unread" : "";
    if (dot === this.#dot) return;
    this.#dot = dot;
    this.#showIcon(dot);
  }

  #showTitle() {
    const title = this.#number + this.#title;
    if (document.title !== title) document.title = title;
  }

  /** @param {keyof typeof DOTS | ""} dot */
  async #showIcon(dot) {
    let address = this.#plain;
    if (dot) {
      try {
        this.#drawing ??= fetch(this.#plain).then((response) => response.text());
        const dotted = (await this.#drawing).replace("</svg>", `${DOTS[dot]}</svg>`);
        address = `data:image/svg+xml,${encodeURIComponent(dotted)}`;
      } catch {
        this.#drawing = null; // without a network, the icon stays plain
      }
    }
    if (dot === this.#dot) this.#icon.href = address;
  }
}

/** The images that are about to be sent together. Pure. */

/** As many as one visitor's messages go out at once; more would only wait, and bury what others say. */
export const MOST = 10;

/**
 * @typedef {object} Given an image to be sent: by its name, or else as a file.
 * @property {string} [name] of one that the server has
 * @property {File} [file]
 * @property {boolean} [still] the file may be one frame of what moves
 *
 * @typedef {Given & Looked} Item
 *
 * @typedef {object} Looked
 * @property {string | null} [trouble] why it cannot be sent; undefined while that is not known
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 */

export class Batch {
  /** @type {Item[]} */
  #items = [];

  /** @returns {readonly Item[]} in the order they were given */
  get items() {
    return this.#items;
  }

  /** @returns {Item[]} those that can be sent */
  get good() {
    return this.#items.filter((item) => item.trouble === null);
  }

  /**
   * @param {Iterable<Given>} images
   * @returns {{added: Item[], left: number}} `left`: how many are more than the batch takes
   */
  add(images) {
    const all = [...images];
    /** @type {Item[]} */
    const added = all.slice(0, MOST - this.#items.length).map((image) => ({ ...image }));
    this.#items.push(...added);
    return { added, left: all.length - added.length };
  }

  /** @param {Item} item */
  remove(item) {
    this.#items = this.#items.filter((other) => other !== item);
  }

  clear() {
    this.#items = [];
  }
}

/** The images that are about to be sent together. Pure. */

/** The server's burst limit for one visitor's messages; more would have to wait, and would bury what others say. */
export const MAX_IMAGES = 10;

/**
 * @typedef {object} Source an image to be sent: by its name, or else as a file.
 * @property {string} [name] of an image that the server already has
 * @property {File} [file]
 * @property {boolean} [still] the file may be a single frame of an animation
 *
 * @typedef {Source & Inspection} Item
 *
 * @typedef {object} Inspection
 * @property {string | null} [trouble] why it cannot be sent; undefined until it has been inspected
 * @property {number} [width] pixels
 * @property {number} [height] pixels
 */

export class Batch {
  /** @type {Item[]} */
  #items = [];

  /** @returns {readonly Item[]} in the order they were added */
  get items() {
    return this.#items;
  }

  /** @returns {Item[]} those that can be sent */
  get good() {
    return this.#items.filter((item) => item.trouble === null);
  }

  /**
   * @param {Iterable<Source>} images
   * @returns {{added: Item[], left: number}} `left`: how many did not fit
   */
  add(images) {
    const all = [...images];
    /** @type {Item[]} */
    const added = all.slice(0, MAX_IMAGES - this.#items.length).map((image) => ({ ...image }));
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

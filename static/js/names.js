/**
 * What people call themselves, as the latest that the page has heard says. Pure.
 *
 * Each record says what its sender was called when it was said. Records come in any order, those of the history long
 * after newer ones, so of two the one with the higher `seq` counts: everywhere on the page, a person has one name.
 */

/**
 * @typedef {object} Heard
 * @property {number} seq
 * @property {string} user
 * @property {string} [subject] of a system record, whom it is about
 * @property {string} [name] theirs at that time
 * @property {Heard} [re] what it answers
 */

export class Names {
  /** @type {Map<string, {name: string | undefined, seq: number}>} by colour */
  #known = new Map();

  /** @param {string} user @returns {string | undefined} */
  of(user) {
    return this.#known.get(user)?.name;
  }

  /**
   * @param {Heard[]} records
   * @returns {string[]} who is called something else now
   */
  hear(records) {
    const said = records.flatMap(({ re, ...record }) => (re ? [record, re] : [record]));
    return said.flatMap(({ seq, user, subject = user, name }) => this.#tell(subject, name, seq));
  }

  /**
   * @param {{members: string[], names: Record<string, string>, seq: number}} room as it was after that record
   * @returns {string[]} who is called something else now
   */
  enter({ members, names, seq }) {
    return members.flatMap((user) => this.#tell(user, names[user], seq));
  }

  /** What was heard no longer counts against what is heard next: the records are numbered anew. */
  renumber() {
    for (const known of this.#known.values()) known.seq = 0;
  }

  /**
   * @param {string} user
   * @param {string | undefined} name
   * @param {number} seq
   */
  #tell(user, name, seq) {
    const known = this.#known.get(user);
    if (known && known.seq > seq) return [];
    this.#known.set(user, { name, seq });
    return known?.name === name ? [] : [user];
  }
}

/**
 * @param {string} name
 * @returns {string} the same for names that the server takes for equal (realtime/chat/names.py), or nearly so
 */
export function nameKey(name) {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

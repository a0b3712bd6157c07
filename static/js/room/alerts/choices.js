/**
 * For what a reader wants a sound or a notification, in this browser: whether it may notify is a browser's matter, too.
 *
 * @typedef {"sound" | "notice"} AlertKind
 * @typedef {"none" | "mentions" | "all"} AlertChoice
 */

const KEY = "gifchat.alerts";

export class AlertChoices {
  #store;
  /** @type {Record<AlertKind, AlertChoice>} */
  #chosen = { sound: "none", notice: "none" };

  /** @param {Storage | null} store if it is null or throws, choices last as long as the page */
  constructor(store) {
    this.#store = store;
    try {
      const { sound, notice } = JSON.parse(store?.getItem(KEY) ?? "{}");
      this.#chosen = { sound: known(sound), notice: known(notice) };
    } catch {
      // Storage is forbidden, or holds something else.
    }
  }

  /** @param {AlertKind} kind */
  of(kind) {
    return this.#chosen[kind];
  }

  /**
   * @param {AlertKind} kind
   * @param {AlertChoice} choice
   */
  choose(kind, choice) {
    this.#chosen[kind] = choice;
    try {
      this.#store?.setItem(KEY, JSON.stringify(this.#chosen));
    } catch {
      // Storage is full or forbidden.
    }
  }

  /**
   * @param {AlertKind} kind
   * @param {boolean} toMe whether what was said is addressed to the reader
   */
  wants(kind, toMe) {
    const choice = this.#chosen[kind];
    return choice === "all" || (choice === "mentions" && toMe);
  }
}

/**
 * @param {unknown} choice
 * @returns {AlertChoice}
 */
function known(choice) {
  return choice === "mentions" || choice === "all" ? choice : "none";
}

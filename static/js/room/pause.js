/** A wait between two attempts, which can be cut short. */
export class Pause {
  #end = () => {};

  /**
   * @param {number} duration_ms
   * @returns {Promise<void>} resolves when it is over, or cut short
   */
  wait(duration_ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, duration_ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  cut() {
    this.#end();
  }
}

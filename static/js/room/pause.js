/** A wait between two attempts that can be ended early. */
export class Pause {
  #end = () => {};

  /**
   * @param {number} duration_ms
   * @returns {Promise<void>} resolves after the duration, or when it is cut short
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

/** Browsers open a dropped file or link in place of the page, and what was written there is lost. This prevents it. */

/**
 * @param {DragEvent} event
 * @returns {boolean} whether the browser would navigate, rather than insert the data into a field
 */
export function wouldNavigate({ target, dataTransfer }) {
  const field = target instanceof Element && target.matches(":read-write");
  return !field || dataTransfer?.types.includes("Files") === true;
}

/**
 * Keep drops on this page from navigating away.
 * @param {AbortSignal} [signal] ends it
 */
export function preventDropNavigation(signal) {
  for (const type of ["dragenter", "dragover", "drop"]) {
    const prevent = (/** @type {Event} */ event) => {
      const drag = /** @type {DragEvent} */ (event);
      if (!wouldNavigate(drag)) return;
      drag.preventDefault();
      if (drag.dataTransfer) drag.dataTransfer.dropEffect = "none";
    };
    addEventListener(type, prevent, { signal });
  }
}

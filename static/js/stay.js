/** A browser opens what is dropped in place of the page, and what was written there is gone. */

/**
 * @param {DragEvent} event
 * @returns {boolean} whether a browser would do so, and not write it into a field
 */
export function leadsAway({ target, dataTransfer }) {
  const field = target instanceof Element && target.matches(":read-write");
  return !field || dataTransfer?.types.includes("Files") === true;
}

/** Let nothing that is dropped on this page lead away from it. */
export function stay() {
  for (const type of ["dragenter", "dragover", "drop"]) {
    addEventListener(type, (event) => {
      const drag = /** @type {DragEvent} */ (event);
      if (!leadsAway(drag)) return;
      drag.preventDefault();
      if (drag.dataTransfer) drag.dataTransfer.dropEffect = "none";
    });
  }
}

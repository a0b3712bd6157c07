/**
 * Copy a text. A browser gives its clipboard only to secure pages, and a room on a classroom's network is none: there,
 * it is copied from a field, as by hand.
 * @param {string} text
 * @param {HTMLElement} place for the field; what a modal dialog covers cannot be selected
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copyText(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text, place);
  }
}

/**
 * @param {string} text
 * @param {HTMLElement} place
 */
function copyFromField(text, place) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.readOnly = true;
  field.value = text;
  place.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}

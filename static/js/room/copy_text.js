/**
 * Copy a text. Browsers allow the clipboard only on secure pages; on a classroom's plain HTTP network, the text is
 * copied from a temporary field instead.
 * @param {string} text
 * @param {HTMLElement} place for the field; nothing outside an open modal dialog can be selected
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

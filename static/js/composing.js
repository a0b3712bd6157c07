/**
 * Whether a key press belongs to an input method (it ends a syllable, for example) and is not a command.
 * @param {KeyboardEvent} event
 */
export function composing(event) {
  // Safari fires keydown for the key that ends a composition after compositionend, but still with keyCode 229.
  return event.isComposing || event.keyCode === 229;
}

/**
 * Whether a key belongs to an input method: it ends a syllable, say, and is no command.
 * @param {KeyboardEvent} event
 */
export function composing(event) {
  // Safari tells of the key that ends a composition after its end, but still with the code 229.
  return event.isComposing || event.keyCode === 229;
}

/** Keeps the elements of a list in step with what it shows. */

/**
 * An element that is in its place is left there: moved or made anew, it would lose the focus.
 * @template Item
 * @param {HTMLElement} list
 * @param {Item[]} items in their order
 * @param {object} how
 * @param {(item: Item) => string} how.keyOf
 * @param {(item: Item) => HTMLElement} how.make
 * @param {(element: HTMLElement, item: Item) => void} how.fill
 * @param {boolean} [how.held] whether nothing may change its place: what is new comes last
 */
export function showKeyed(list, items, { keyOf, make, fill, held = false }) {
  const old = new Map(/** @type {HTMLElement[]} */ ([...list.children]).map((element) => [element.dataset.key, element]));
  const shown = new Set(items.map(keyOf));
  for (const [key, element] of old) if (!shown.has(key ?? "")) element.remove();
  let place = list.firstElementChild;
  for (const item of items) {
    const known = old.get(keyOf(item));
    const element = known ?? make(item);
    element.dataset.key = keyOf(item);
    fill(element, item);
    if (element === place) place = element.nextElementSibling;
    else if (!held) list.insertBefore(element, place);
    else if (!known) list.append(element);
  }
}

/** Updates an element in place: only what differs is touched, so that the focus stays where it is. */

/**
 * Make an element equal to a fresh one. Elements contain either text or elements, but for those that are handled apart.
 * @param {Element} element on the page
 * @param {Element} fresh of the same kind; not usable afterwards
 * @param {(element: Element, fresh: Element) => boolean} keeps whether an element stays as it is, or was handled apart
 */
export function morph(element, fresh, keeps) {
  if (element.isEqualNode(fresh) || keeps(element, fresh)) return;
  for (const { name } of [...element.attributes]) if (!fresh.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
  const wanted = [...fresh.children];
  if (!wanted.length) return element.replaceChildren(...fresh.childNodes);
  const keys = new Set(wanted.map(keyOf));
  for (const child of [...element.children]) if (!keys.has(keyOf(child))) child.remove();
  const old = new Map(Array.from(element.children, (child) => [keyOf(child), child]));
  let place = element.firstElementChild;
  for (const child of wanted) {
    const same = old.get(keyOf(child));
    if (same) morph(same, child, keeps);
    // Leave a child in its place untouched: moving it would take the focus from it.
    if (same && same === place) place = same.nextElementSibling;
    else element.insertBefore(same ?? child, place);
  }
}

/** @param {Element} element @returns {string} that identifies it among its siblings */
function keyOf(element) {
  const { part, emoji, action } = /** @type {HTMLElement} */ (element).dataset;
  return part ?? emoji ?? action ?? element.getAttribute("class") ?? element.tagName;
}

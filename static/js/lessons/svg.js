/** Creates SVG elements. Colours and type come from the style sheet. */

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** The size of `1rem` in pixels, which varies: the page's font grows on large screens. */
export const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Making SVG. Colours and type come from the style sheet, so that dark pages and projectors need nothing said here. */

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

/** How large `1rem` is: the page's type grows on large screens. */
export const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

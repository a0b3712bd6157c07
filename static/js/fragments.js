/**
 * The markup and texts that only scripts show. The server keeps them apart from the page, so that browsers can cache
 * them (templates/fragments/): what a page needs at once in a script that inserts it before the page's own runs, and
 * what its parts need in one fragment for each, which also names their style sheet.
 */

import { addTexts } from "./texts.js";

const TIMEOUT_MS = 15_000;

/** @type {Map<string, Promise<string>>} */
const fetched = new Map();

/**
 * Fetch a fragment, once.
 * @param {string} name
 * @param {string} [lang] its language, if it is another than the page's
 * @returns {Promise<string>} rejects when it cannot be fetched; the next call tries again
 */
export function fetchFragment(name, lang) {
  const folder = document.body.dataset.fragments ?? "";
  const address = `${lang ? folder.replace(/[^/]+$/, lang) : folder}/${name}.html`;
  const known = fetched.get(address);
  if (known) return known;
  const fetching = request(address);
  fetched.set(address, fetching);
  fetching.catch(() => fetched.delete(address));
  return fetching;
}

/** @param {string} address */
async function request(address) {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new TypeError(`${address}: ${response.status}`);
  const html = await response.text();
  await Promise.all(elementsOf(html).filter((element) => element instanceof HTMLLinkElement).map(loadSheet));
  return html;
}

/**
 * Load a style sheet that only a fragment needs, which is then never seen without it.
 * @param {HTMLLinkElement} link
 * @returns {Promise<void>}
 */
function loadSheet({ href }) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  return new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new TypeError(href));
    });
    document.head.append(link);
  });
}

/** @param {string} html */
function elementsOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

/**
 * Put a fragment into the page: each of its elements into the one that its `data-into` names, or else at the end.
 * @param {string} html
 */
export function insertFragment(html) {
  for (const element of elementsOf(html)) {
    if (!(element instanceof HTMLElement) || element instanceof HTMLLinkElement) continue;
    if ("texts" in element.dataset) addTexts(JSON.parse(element.textContent ?? ""));
    else (document.getElementById(element.dataset.into ?? "") ?? document.body).append(element);
  }
}

/**
 * The markup and texts that only scripts show. The server keeps them apart from the page, so that browsers can cache
 * them (templates/fragments/): what a page needs at once in a script that inserts it before the page's own runs, and
 * what its parts need in one fragment for each.
 */

import { addTexts } from "./texts.js";

const TIMEOUT_MS = 15_000;

/**
 * Fetch a part's fragment, and its script into the browser's cache: Firefox never again asks for a module that it once
 * could not load, so it is to be imported only when it is there.
 * @param {string} name
 * @returns {Promise<DocumentFragment>} rejects when they cannot be fetched
 */
export async function fetchFragment(name) {
  const template = document.createElement("template");
  template.innerHTML = await request(`${document.body.dataset.fragments}/${name}.html`);
  const script = template.content.querySelector("[data-script]");
  if (script instanceof HTMLElement) await request(script.dataset.script ?? "");
  script?.remove();
  return template.content;
}

/** @param {string} address @returns {Promise<string>} */
async function request(address) {
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new TypeError(`${address}: ${response.status}`);
  return response.text();
}

/**
 * Put a fragment into the page: each of its elements into the one that its `data-into` names, or else at the end.
 * @param {DocumentFragment} content
 */
export function insertFragment(content) {
  for (const element of [...content.children]) {
    if (!(element instanceof HTMLElement)) continue;
    if ("texts" in element.dataset) addTexts(JSON.parse(element.textContent ?? ""));
    else (document.getElementById(element.dataset.into ?? "") ?? document.body).append(element);
  }
}

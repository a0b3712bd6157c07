/** The form for what the reader can choose (templates/partials/choices.html): each change is sent and seen at once. */

import { postJson } from "./http.js";

/** What the page shows or obeys by itself, and the choice that is none. */
const SEEN = { theme: "system", motion: "system", enter: "device" };

export function sendChoices() {
  const menu = /** @type {HTMLDetailsElement} */ (document.querySelector(".looks"));
  const form = /** @type {HTMLFormElement} */ (menu.querySelector("form"));
  /** @type {HTMLElement} */ (form.querySelector("button")).hidden = true;
  form.addEventListener("change", ({ target }) => send(form, /** @type {HTMLSelectElement} */ (target).name));
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation(); // in a room, it would also end a reply or a whisper
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} changed
 */
async function send(form, changed) {
  const chosen = Object.fromEntries(new FormData(form));
  try {
    await postJson("/settings", chosen);
  } catch {
    form.reset(); // to what holds
    return;
  }
  for (const option of form.querySelectorAll("option")) option.defaultSelected = option.selected;
  for (const [name, usual] of Object.entries(SEEN)) {
    if (chosen[name] === usual) delete document.documentElement.dataset[name];
    else document.documentElement.dataset[name] = String(chosen[name]);
  }
  if (changed === "lang") location.reload();
}

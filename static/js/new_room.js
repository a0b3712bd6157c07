// @ts-check
/** The form for a new room: pressed twice, while the server takes its time, it still makes one room. */

/** Who has seen nothing come of it for so long may try again. */
const AGAIN_MS = 5000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("main form"));
let sent = -Infinity;

form.addEventListener("submit", (event) => {
  if (event.timeStamp - sent < AGAIN_MS) event.preventDefault();
  else sent = event.timeStamp;
});
// Brought back by "back", it is filled in for another one.
addEventListener("pageshow", () => (sent = -Infinity));

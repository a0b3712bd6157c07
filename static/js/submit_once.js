/** A form that is pressed twice, while the server takes its time, is sent once. */

/** Who has seen nothing come of it for so long may try again. */
const AGAIN_MS = 5000;

/** @param {HTMLFormElement} form */
export function submitOnce(form) {
  let sent = -Infinity;
  const anew = () => (sent = -Infinity);
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sent < AGAIN_MS) event.preventDefault();
    else sent = event.timeStamp;
  });
  form.addEventListener("reset", anew);
  addEventListener("pageshow", anew); // brought back by "back", it is filled in for something else
}

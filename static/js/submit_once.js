/** Sends a form once when its button is pressed twice while the server is slow. */

/** After this long without a response, submitting again is allowed. */
const RESUBMIT_AFTER_MS = 5000;

/** @param {HTMLFormElement} form */
export function submitOnce(form) {
  let sent = -Infinity;
  const allow = () => (sent = -Infinity);
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sent < RESUBMIT_AFTER_MS) event.preventDefault();
    else sent = event.timeStamp;
  });
  form.addEventListener("reset", allow);
  addEventListener("pageshow", allow); // returning by "back", the visitor fills it in for something else
}

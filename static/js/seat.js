/** The notice that another device has taken this one's seat. */

import { copyOf } from "./parts.js";

/**
 * Show it before `place`. Only the reader takes it away: it comes while they look elsewhere, at the card perhaps.
 * @param {Element} place
 */
export default function tellTaken(place) {
  if (document.getElementById("seat-taken")) return;
  const notice = copyOf("seat-taken-template");
  notice.querySelector("button")?.addEventListener("click", () => notice.remove());
  place.before(notice);
}

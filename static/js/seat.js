/** What becomes of this device's seat while the page is open. */

import { t } from "./texts.js";

/** @typedef {import("./socket.js").Socket} Socket */

/**
 * Tell that another device has taken the seat. Only the reader takes the notice away: it came while they looked
 * elsewhere, at the card perhaps.
 * @param {Socket} socket of /room
 * @param {Element} place before which the notice stands
 */
export function watchSeat(socket, place) {
  socket.on("seatTaken", () => {
    if (document.getElementById("seat-taken")) return;
    const notice = document.createElement("p");
    notice.id = "seat-taken";
    notice.setAttribute("role", "alert");
    notice.append(`${t("js.seat.taken")} `, closing(notice));
    place.before(notice);
  });
}

/**
 * Who has no seat cannot stay where one is needed: the page that the lobby is for them asks for the card's code.
 * @param {Socket} socket of /room
 */
export function leaveWithoutSeat(socket) {
  socket.on("seatNeeded", () => location.reload());
  socket.on("connect_error", ({ data }) => data?.error === "seat_needed" && location.reload());
}

/** @param {Element} notice */
function closing(notice) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = t("js.seat.close");
  button.addEventListener("click", () => notice.remove());
  return button;
}

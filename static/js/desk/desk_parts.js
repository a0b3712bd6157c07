/** What opens over the desk, and is loaded then, or before that when idle. */

import { Later } from "../later.js";
import { t } from "../texts.js";

/**
 * @typedef {object} DeskOffice what the desk's parts work with
 * @property {import("./link.js").DeskLink} link
 * @property {import("./acts.js").Acts} acts
 * @property {import("./rooms.js").DeskRooms} rooms
 * @property {import("./toasts.js").Toasts} toasts
 * @property {() => import("../wire.js").DeskSettings | undefined} settings
 */

/** @param {DeskOffice} office */
export function deskParts(office) {
  const notLoaded = () => office.toasts.failed(t("js.error.network"));
  const person = new Later(
    "deskperson",
    () => import("./person_sheet.js"),
    (PersonSheet) => new PersonSheet(office),
    notLoaded,
  );
  const room = new Later(
    "deskroom",
    () => import("./room_sheet.js"),
    (RoomSheet) => new RoomSheet(office),
    notLoaded,
  );
  const tools = new Later(
    "desktools",
    () => import("./desk_tools.js"),
    (DeskTools) => new DeskTools(office, (user) => person.use((sheet) => sheet.open(user))),
    notLoaded,
  );
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-tool]"))) {
    button.addEventListener("click", () => tools.use((made) => made.open(button.dataset.tool ?? "")));
  }
  return {
    /** @param {string} user */
    openPerson: (user) => person.use((sheet) => sheet.open(user)),
    /** @param {string} id */
    openRoom: (id) => room.use((sheet) => sheet.open(id)),
    /** @param {import("./log_text.js").LogEntry} entry */
    logged: (entry) => tools.made?.logged(entry),
    /** Something has changed. */
    show() {
      for (const { made } of [person, room, tools]) made?.show();
    },
    prefetch() {
      for (const part of [person, room, tools]) part.prefetch();
    },
  };
}

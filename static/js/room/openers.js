/** The parts of the room's page that a button opens, a key, or an event. Each is loaded then, or before that when idle. */

import { allows, teaches } from "../allowed.js";
import { Later } from "../later.js";
import { byId } from "../parts.js";

/** Not used by browsers on this page: in Firefox on Windows, F9 is the reader view, which needs an article. */
const KEY = "F9";

/**
 * The inspector of what the connection carries.
 * @param {import("../inspector/tape.js").Tape} tape
 * @param {() => void} notLoaded
 */
export function inspectorOf(tape, notLoaded) {
  const inspector = new Later(
    "inspector",
    () => import("../inspector/inspector.js"),
    (Inspector) => new Inspector(tape),
    notLoaded,
  );
  byId("inspector-btn").addEventListener("click", () => inspector.use((opened) => opened.toggle()));
  document.addEventListener("keydown", (event) => {
    if (event.key !== KEY || event.repeat) return;
    event.preventDefault();
    inspector.use((opened) => opened.toggle());
  });
  return inspector;
}

/**
 * The dialog that shows the room's address.
 * @param {string} room
 * @param {() => void} notLoaded
 */
export function shareOf(room, notLoaded) {
  const share = new Later(
    "share",
    () => import("./share.js"),
    (Share) => new Share(room),
    notLoaded,
  );
  byId("share-btn").addEventListener("click", () => share.use((dialog) => dialog.open()));
  return share;
}

/**
 * The dialog for one's own name.
 * @param {import("./link.js").RoomLink} link
 * @param {string} user
 * @param {() => void} notLoaded
 */
export function namingOf(link, user, notLoaded) {
  const naming = new Later(
    "name",
    () => import("./name_dialog.js"),
    (NameDialog) => new NameDialog(link, user),
    notLoaded,
  );
  document.addEventListener("click", ({ target }) => {
    if (allows("names") && /** @type {Element} */ (target).closest('[data-action="name"]')) naming.use((dialog) => dialog.open());
  });
  return naming;
}

/**
 * What the teacher must see first.
 * @param {string} room
 * @param {string} user the reader's colour
 * @param {import("../socket.js").Socket} socket of /chat
 * @param {import("./conversation.js").Conversation} conversation
 */
export function heldOf(room, user, socket, conversation) {
  const held = /** @type {Later<typeof import("./held.js").default, import("./held.js").default>} */ (
    new Later("held", () => import("./held.js"), (Held) => new Held(room, user, conversation), () => {})
  );
  socket.on("held", (/** @type {import("../wire.js").Held} */ message) => held.tell((made) => made.add(message)));
  socket.on("heldDone", (/** @type {{held: string, shown: boolean}} */ decided) => held.tell((made) => made.done(decided)));
  return held;
}

/**
 * What a teacher can do in the room.
 * @param {string} room
 * @param {import("./confirm.js").Confirm} confirm
 * @param {() => void} notLoaded
 * @returns {Later<typeof import("./teacher.js").default, import("./teacher.js").default> | null} null for others
 */
export function teacherOf(room, confirm, notLoaded) {
  return teaches() ? new Later("teacher", () => import("./teacher.js"), (Teacher) => new Teacher(room, confirm), notLoaded) : null;
}

/**
 * What is there once the page is idle: what images show in words, who gave a reaction, what fingers do with lines.
 * @param {HTMLElement} list of lines
 * @param {HTMLElement} area that scrolls
 * @param {object} listener
 * @param {(said: import("./said.js").Said) => void} listener.onReply
 * @param {(target: Element) => boolean} listener.openMenu of a line, if it has one
 * @returns {{use(act: () => void): void}[]}
 */
export function conveniencesOf(list, area, { onReply, openMenu }) {
  const notLoaded = () => {}; // there is another way to each
  const givers = new Later("givers", () => import("./givers.js"), (Givers) => new Givers(list, area), notLoaded);
  const onHeld = (/** @type {Element} */ target) => !target.closest(".text a") && (givers.made?.show(target) || openMenu(target));
  return [
    new Later("motifs", () => import("./pictures/motifs.js"), (useMotifs) => useMotifs(list), notLoaded),
    givers,
    new Later("touch", () => import("./touch.js"), (TouchedLines) => new TouchedLines(list, { onReply, onHeld }), notLoaded),
  ];
}

/**
 * The reader's seat card is on another device now.
 * @param {import("../socket.js").Socket} lobby
 * @param {HTMLElement} area
 */
export function tellSeatTaken(lobby, area) {
  const seat = new Later("seat", () => import("../seat.js"), (tellTaken) => ({ tellTaken }), () => {});
  lobby.on("seatTaken", () => seat.use(({ tellTaken }) => tellTaken(area)));
}

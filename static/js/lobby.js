/** The lobby page: lists the rooms and lets the visitor enter one. */

import { allow } from "./allowed.js";
import { sendChoices } from "./choices.js";
import { prefetch, whenIdle } from "./idle.js";
import { LobbyFeed } from "./lobby/feed.js";
import { Finder } from "./lobby/finder.js";
import { Hold } from "./lobby/hold.js";
import { LobbyPage } from "./lobby/page.js";
import { Pager } from "./lobby/pager.js";
import { PasswordDialog } from "./lobby/password.js";
import { Rooms } from "./lobby/rooms.js";
import { RoomTable } from "./lobby/table.js";
import { Offline } from "./offline.js";
import { byId, part } from "./parts.js";
import tellTaken from "./seat.js";
import { closeWhileAway, connect } from "./socket.js";
import { beforeNextFrame } from "./soon.js";
import { t } from "./texts.js";
import { dress } from "./who.js";
import { introduce } from "./you.js";

dress(document);
introduce(/** @type {HTMLElement} */ (document.querySelector(".me .chip")).dataset.who ?? "", byId("connection"));

const body = /** @type {HTMLTableSectionElement} */ (document.querySelector("table tbody"));
const rooms = new Rooms();
const table = new RoomTable(body);
const page = new LobbyPage(Number(body.dataset.first), Number(body.dataset.size), table.ids);
const pager = new Pager(/** @type {HTMLElement} */ (document.querySelector(".pager")));
const passwords = new PasswordDialog();

const showSoon = beforeNextFrame(() => show());
const hold = new Hold(body, showSoon);
const late = byId("late");
const finder = new Finder(/** @type {HTMLFormElement} */ (byId("find")), {
  onTyped: () => showNow(),
  onDone: () => table.firstButton?.focus(),
});

// The whole row enters the room, by its button: the only one for the keyboard.
body.addEventListener("click", ({ target }) => {
  const row = /** @type {Element} */ (target).closest("tr[data-id]");
  const button = row?.querySelector(".join-btn:enabled:not([aria-disabled])");
  const selects = getSelection()?.isCollapsed === false && !button?.contains(/** @type {Node} */ (target));
  if (!row || !(button instanceof HTMLButtonElement) || selects) return;
  const { id = "", password } = button.dataset;
  enter(id, password === "true", part(row, "title").textContent ?? "");
});

/**
 * @param {string} id
 * @param {boolean} password
 * @param {string} title
 */
function enter(id, password, title) {
  if (password && !table.hasPlace(id)) passwords.ask(id, title);
  else location.assign(`/room/${id}`);
}

/** Enter the room that the address names, as an invitation to one with a password does. */
function enterInvited() {
  const room = rooms.get(location.hash.slice(1));
  if (!room) return;
  history.replaceState(null, "", location.pathname + location.search);
  enter(room._id, room.password, room.title);
}
addEventListener("hashchange", enterInvited);

body.addEventListener("focusout", showSoon);

const offline = new Offline(byId("connection"), (since) => t("js.lobby.offline", { since }));

/** Show what the reader asks for, wherever they point. */
function showNow() {
  hold.held = false;
  show();
}

function show() {
  if (!rooms.known) return finder.wait();
  const all = rooms.inOrder();
  const found = finder.among(all);
  const shown = finder.typed ? found.slice(0, page.size) : page.of(all);
  if (hold.held) table.update(rooms, shown);
  else table.show(shown);
  late.hidden = !table.late;
  late.textContent = t("js.lobby.new", { count: table.late });
  body.closest("table")?.toggleAttribute("data-finding", finder.typed !== "");
  finder.tell({ total: all.length, found: found.length, shown: shown.length }, hold.held);
  pager.show(finder.typed ? null : page.range(all.length));
}

const socket = connect("/room");
closeWhileAway(socket);
socket.on("house", allow);
socket.on("seatTaken", () => tellTaken(byId("connection")));
// Who needs a seat cannot stay: the page that the lobby is for them asks for their card's code.
socket.on("seatNeeded", () => location.reload());
socket.on("connect_error", (failure) => isSeatNeeded(failure) && location.reload());
new LobbyFeed(socket, rooms, {
  onChange: showSoon,
  onLost: () => offline.begin(),
  onFresh() {
    offline.end();
    enterInvited();
  },
});

sendChoices();
whenIdle(() => prefetch(body.dataset.next ?? ""));

/** @param {Error & {data?: {error?: string}}} failure */
function isSeatNeeded({ data }) {
  return data?.error === "seat_needed";
}

/** The lobby page: lists the rooms and lets the visitor enter one. */

import { sendChoices } from "./choices.js";
import { prefetch, whenIdle } from "./idle.js";
import { LobbyFeed } from "./lobby/feed.js";
import { LobbyPage } from "./lobby/page.js";
import { Pager } from "./lobby/pager.js";
import { PasswordDialog } from "./lobby/password.js";
import { Rooms } from "./lobby/rooms.js";
import { RoomTable } from "./lobby/table.js";
import { Offline } from "./offline.js";
import { byId } from "./parts.js";
import { closeWhileAway, connect } from "./socket.js";
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

body.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("button.join-btn");
  if (!(button instanceof HTMLButtonElement)) return;
  const { id = "", password } = button.dataset;
  const title = button.closest("tr")?.querySelector('[data-part="title"]')?.textContent ?? "";
  if (password === "true" && !table.hasPlace(id)) passwords.ask(id, title);
  else location.assign(`/room/${id}`);
});

const offline = new Offline(byId("connection"), (since) => t("js.lobby.offline", { since }));

let due = false;

/** Show the rooms before the next frame, however many changes come until then. */
function showSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    const all = rooms.newestFirst();
    table.show(page.of(all));
    pager.show(page.range(all.length));
  });
}

const socket = connect("/room");
closeWhileAway(socket);
new LobbyFeed(socket, rooms, {
  onChange: showSoon,
  onLost: () => offline.begin(),
  onFresh: () => offline.end(),
});

sendChoices();
whenIdle(() => prefetch(body.dataset.next ?? ""));

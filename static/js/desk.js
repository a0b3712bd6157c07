/** The teacher's desk: creates its parts and connects them. */

import { sendChoices } from "./choices.js";
import { Acts } from "./desk/acts.js";
import { showAddress } from "./desk/address.js";
import { Alarm } from "./desk/alarm.js";
import { Announce } from "./desk/announce.js";
import { Cards } from "./desk/cards.js";
import { deskParts } from "./desk/desk_parts.js";
import { Keys } from "./desk/keys.js";
import { DeskLink } from "./desk/link.js";
import { Listen } from "./desk/listen.js";
import { Flags } from "./desk/flags.js";
import { DeskRooms } from "./desk/rooms.js";
import { Toasts } from "./desk/toasts.js";
import { Waiting } from "./desk/waiting.js";
import { whenIdle } from "./idle.js";
import { Hold } from "./lobby/hold.js";
import { Offline } from "./offline.js";
import { byId, part } from "./parts.js";
import { beforeNextFrame } from "./soon.js";
import { storage } from "./storage.js";
import { t } from "./texts.js";
import { onWake } from "./wake.js";
import { callings, hearFrom, meet } from "./who.js";

/** Show everything, however much changes until then. */
const showSoon = beforeNextFrame(() => show());

const store = storage("localStorage");
const page = byId("desk");
const offline = new Offline(byId("connection"), (since) => t("js.desk.offline", { since }));
const filter = /** @type {HTMLInputElement} */ (byId("desk-filter"));

const rooms = new DeskRooms();
const queue = new Flags();
/** @type {import("./wire.js").DeskSettings | undefined} */
let settings;

/** Who was met last, and how often that was others than before: of names, the latest count. */
let heard = { met: "", seq: 0 };

const link = new DeskLink({
  onSettings(told) {
    settings = told;
    showSoon();
  },
  onRooms(all) {
    rooms.replace(all);
    if (page.dataset.connection !== "joined") queue.clear(); // what waits is told next
    page.dataset.connection = "joined";
    offline.end();
    acts.connectionChanged();
  },
  onRoom(room) {
    rooms.put(room);
    showSoon();
  },
  onRoomGone(id) {
    rooms.remove(id);
    queue.removeRoom(id);
    showSoon();
  },
  onFlag(flag) {
    if (queue.add(flag)) alarm.ring();
    showSoon();
  },
  onDecided(held) {
    acts.decided(held);
    queue.remove(held);
    showSoon();
  },
  onLog: (entry) => parts.logged(entry),
  onHand: () => alarm.ring(),
  onSeat({ seat, twice }) {
    if (!twice) return;
    toasts.failed(t("js.desk.seat_twice", { seat }));
    alarm.ring();
  },
  onLost() {
    page.dataset.connection = "lost";
    offline.begin();
    acts.connectionChanged();
  },
  onExpelled() {
    page.dataset.connection = "over";
    const notice = /** @type {HTMLDialogElement} */ (byId("expelled"));
    if (!notice.open) notice.showModal();
  },
});
onWake(() => link.wake());

const toasts = new Toasts();
const alarm = new Alarm(store);
const acts = new Acts(link, toasts, queue, showSoon);
const listen = new Listen((on) => acts.freeze(null, on));
const announce = new Announce((room, chat) => acts.announce(rooms.get(room ?? "") ?? null, chat));
const list = byId("desk-rooms");
const hold = new Hold(list, showSoon);
const parts = deskParts({ link, acts, rooms, toasts, settings: () => settings });
const cards = new Cards(list, (room) => acts.isClosing(room), {
  onRoom: (room) => parts.openRoom(room),
  onAnnounce: (room) => announce.open(room),
  onFreeze: (room, on) => acts.freeze(room, on),
  onPerson: (user) => parts.openPerson(user),
});
const waiting = new Waiting(queue, {
  onShow: (flag) => acts.show(flag),
  onDrop: (flag) => acts.drop(flag),
  onPerson: (user) => parts.openPerson(user),
  titleOf: (room) => rooms.get(room)?.title ?? "",
});
new Keys(
  store,
  {
    listen: () => listen.press(),
    announce: () => announce.open(),
    find: () => !filter.hidden && filter.focus(),
    show: () => waiting.decideInView("show"),
    drop: () => waiting.decideInView("drop"),
    waiting: () => waiting.focus(),
    undo: () => toasts.undoLatest(),
  },
  (by) => {
    if (waiting.hasFocus) waiting.move(by);
    return waiting.hasFocus;
  },
);
byId("waiting-link").addEventListener("click", () => waiting.focus());
filter.addEventListener("input", () => showNow());
filter.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !filter.value) return;
  event.preventDefault();
  filter.value = "";
  showNow();
});

/** Show what the teacher asks for, wherever they point. */
function showNow() {
  hold.held = false;
  show();
}

function show() {
  if (page.dataset.connection === undefined) return;
  meetAll();
  const found = rooms.found(filter.value.trim(), callings);
  cards.show(found, hold.held);
  byId("desk-find").hidden = !rooms.many && !filter.value;
  part(page, "no-rooms").hidden = rooms.all.length > 0;
  part(page, "found-none").hidden = found.length > 0 || !rooms.all.length;
  announce.show(rooms.all.filter(({ readOnly }) => !readOnly));
  const pupils = rooms.pupils();
  waiting.show(pupils);
  listen.show(settings?.frozen ?? false);
  const { length } = queue.flags;
  alarm.count(length);
  part(byId("waiting-link"), "count").textContent = String(length);
  byId("waiting-link").hidden = !length;
  const people = [...pupils.values()].filter(({ places }) => places.some(({ present }) => present));
  part(document, "people-count").textContent = t("js.desk.people", { people: people.length, rooms: rooms.all.length });
  parts.show();
}

/** Everybody's names and faces, as they are now. */
function meetAll() {
  const known = [settings?.bans ?? [], settings?.mutes ?? [], queue.flags, [...rooms.pupils().values()]].flat();
  const names = Object.fromEntries(known.flatMap(({ user, name }) => (name === undefined ? [] : [[user, name]])));
  const members = [...new Set(known.map(({ user }) => user))];
  const met = JSON.stringify([members, names]);
  if (met === heard.met) return;
  heard = { met, seq: heard.seq + 1 };
  hearFrom({ members, names, seq: heard.seq });
  meet(members);
}

sendChoices();
showAddress();
whenIdle(() => parts.prefetch());

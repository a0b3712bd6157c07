// @ts-check
/** The room's page: makes the parts and ties them together. */

import { byId } from "./parts.js";
import { Composer } from "./room/composer.js";
import { Conversation } from "./room/conversation.js";
import { dismiss } from "./room/dismiss.js";
import { History } from "./room/history.js";
import { Letters } from "./room/letters.js";
import { RoomLink } from "./room/link.js";
import { ChatList } from "./room/list.js";
import { Members } from "./room/members.js";
import { Outbox } from "./room/outbox.js";
import { Scroll } from "./room/scroll.js";
import { Uploads } from "./room/uploads.js";
import { connect } from "./socket.js";
import { t } from "./texts.js";

/** After these there is no room to come back to with what was not sent. */
const FOR_GOOD = new Set(["no_such_room", "kicked", "closed"]);

const page = byId("room");
const { room = "", user = "" } = page.dataset;
const area = byId("chat-scroll");
const list = byId("chat-list");
const connection = byId("connection");
const members = new Members();
let max = Number(page.dataset.max);

const outbox = new Outbox(storage(), `${room}/${user}`);
Outbox.sweep(storage(), Date.now());

const lines = new ChatList(list);
for (const { nonce } of lines.drawn()) if (nonce) outbox.remove(nonce);

const conversation = new Conversation(
  lines,
  new Scroll(area, /** @type {HTMLButtonElement} */ (byId("latest"))),
  user,
  (nonce) => {
    outbox.remove(nonce);
    uploads.forget(nonce);
  },
);
const uploads = new Uploads(room, user, Number(page.dataset.maxUpload), conversation);
new History(room, conversation, area, /** @type {HTMLButtonElement} */ (byId("older")));

// Empty `auth`: this page joins by itself, when it is ready, and not by its address.
const link = new RoomLink(connect("/chat", { auth: {} }), room, Number(page.dataset.seq), {
  onMissed(records) {
    conversation.receive(records);
  },
  onRecord(record) {
    conversation.receive([record]);
    if (members.apply(record)) showMembers();
  },
  onJoined(answer) {
    max = answer.room.max;
    members.replace(answer.members);
    showMembers();
    showConnection("joined");
    letters.wake();
  },
  onLost() {
    showConnection("lost");
  },
  onDismissed(problem) {
    composer.close();
    if (FOR_GOOD.has(problem.error)) outbox.clear();
    dismiss(problem);
  },
});
const letters = new Letters(room, user, outbox, link, conversation);
const composer = new Composer(
  /** @type {HTMLFormElement} */ (byId("chat-form")),
  (chat) => letters.write(chat),
  (file) => uploads.add(file),
);

list.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("button[data-action]");
  const nonce = /** @type {HTMLElement | null} */ (button?.closest("[data-nonce]"))?.dataset.nonce;
  if (!(button instanceof HTMLButtonElement) || nonce === undefined) return;
  if (button.dataset.action === "retry") {
    if (!uploads.retry(nonce)) letters.retry(nonce);
  } else {
    conversation.discard(nonce);
    outbox.remove(nonce);
    uploads.forget(nonce);
  }
});

byId("exit-btn").addEventListener("click", async (event) => {
  event.preventDefault();
  await link.leave();
  location.assign("/");
});

// Brought back by "back", this page would show a place in the room that it has given up.
addEventListener("pageshow", (event) => event.persisted && location.reload());

function showMembers() {
  byId("members").textContent = t("js.room.members", { members: members.count, max });
}

/** @param {"joined" | "lost"} state */
function showConnection(state) {
  page.dataset.connection = state;
  connection.hidden = state === "joined";
  connection.textContent = state === "joined" ? "" : t("js.room.connecting");
}

function storage() {
  try {
    return localStorage;
  } catch {
    return null; // the browser forbids it
  }
}

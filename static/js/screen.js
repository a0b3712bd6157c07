/** The projector view of a room: follows what is said, for a class to read from the back. Nothing can be done here. */

import { depart } from "./depart.js";
import { Offline } from "./offline.js";
import { byId } from "./parts.js";
import { Conversation } from "./room/conversation.js";
import { dismiss } from "./room/dismiss.js";
import { RoomLink } from "./room/link.js";
import { ChatList } from "./room/list.js";
import { Members } from "./room/members.js";
import { playIn, markFailures } from "./room/pictures/playing.js";
import { Player } from "./room/pictures/player.js";
import { keepAwake } from "./screen/awake.js";
import { hideIdlePointer } from "./screen/pointer.js";
import { connect } from "./socket.js";
import { t } from "./texts.js";
import { onWake } from "./wake.js";
import { dress, hear, hearFrom, hearLines, meet, renumber } from "./who.js";

/** @typedef {import("./wire.js").ChatRecord} ChatRecord */

/** To whom no message is their own: the class shall not see who reads. */
const NOBODY = "";

const page = byId("room");
const area = byId("chat-scroll");
const list = byId("chat-list");
const { room = "", keeps } = page.dataset;
const drawn = { epoch: page.dataset.epoch ?? "", seq: Number(page.dataset.seq) };

// Connections, members and lines as on the room's page (room.js).
const lobby = connect("/room");
const chat = connect("/chat", { auth: {} });
const offline = new Offline(byId("connection"), (since) => t("js.screen.offline", { since }));

hearLines(list);
dress(document);
still(list);
markFailures(list);
playIn(list, new Player());

// What does not fit is above the screen. Only the keyboard could move it, in search of links.
area.addEventListener("scroll", () => (area.scrollTop = 0));

const none = document.createElement("i"); // leads to no older lines, and no newer ones
/** @type {ConstructorParameters<typeof Conversation>[1]} */
const ending = {
  reader: Infinity,
  changed() {},
  shrank() {},
  keep: (change) => change(),
  use: (_, change) => change(),
  follow() {},
  toEnd() {},
  toLine() {},
};
const conversation = new Conversation(
  new ChatList(list, none, none),
  ending,
  { user: NOBODY, seq: drawn.seq, keeps: keeps !== undefined },
  { onSettled() {}, onChanged() {}, onDrawn: still, onEndWanted() {}, onArrived() {}, onMoved() {} },
);
const members = new Members("");
let max = 0;

const link = new RoomLink(chat, room, drawn, {
  onMissed: (records) => receive(records),
  onRecord(record) {
    receive([record]);
    if (members.apply(record)) showMembers();
  },
  onUpdate: (record) => receive([record]),
  onTyping() {},
  onFarBehind() {
    location.reload();
    return true;
  },
  onStartOver({ chats, seq }) {
    renumber();
    hear(chats);
    conversation.begin(shown(chats), false, seq);
  },
  onJoined(answer) {
    show(answer.room);
    members.replace(answer.members, answer.room.owner, answer.roles);
    hearFrom(answer);
    showMembers();
    page.dataset.connection = "joined";
    offline.end();
  },
  onLost() {
    page.dataset.connection = "lost";
    offline.begin();
  },
  onDismissed(problem) {
    offline.end();
    dismiss(problem, "");
  },
});
lobby.on("updateRoom", (changed) => changed._id === room && show(changed));
onWake(() => link.wake());
hideIdlePointer();
keepAwake();

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) depart(/** @type {HTMLAnchorElement} */ (byId("back")).href, { back: true });
});

/** @param {ChatRecord[]} records */
function receive(records) {
  hear(records);
  conversation.receive(shown(records));
}

/**
 * @param {ChatRecord[]} records
 * @returns {ChatRecord[]} those that are shown, without what only this reader is told
 */
function shown(records) {
  return records.filter(isShown).map(({ mine: _mine, nonce: _nonce, ...told }) => told);
}

/**
 * @param {ChatRecord} record
 * @returns {boolean} whether everybody may see it and wants to; handlers/screen.py decides it alike
 */
function isShown({ to, event }) {
  return to === undefined && event !== "join" && event !== "exit";
}

/** @param {import("./wire.js").Room} changed */
function show(changed) {
  max = changed.max;
  byId("title").textContent = changed.title;
  document.title = `${t("js.screen.title")} · ${t("js.room.page_title", { title: changed.title })}`;
  byId("members").textContent = t("js.room.members", { members: members.count || changed.members, max });
}

function showMembers() {
  meet(members.inOrder(NOBODY));
  byId("members").textContent = t("js.room.members", { members: members.count, max });
}

/** @param {HTMLElement} root whose buttons do nothing here */
function still(root) {
  for (const button of root.querySelectorAll("button")) button.disabled = true;
}

/** The room's page: makes the parts and ties them together. */

import { depart } from "./depart.js";
import { Inspector } from "./inspector/inspector.js";
import { tap } from "./inspector/tap.js";
import { Tape } from "./inspector/tape.js";
import { Offline } from "./offline.js";
import { byId } from "./parts.js";
import { Attach } from "./room/attach/attach.js";
import { Composer, tooLong } from "./room/composer.js";
import { Confirm } from "./room/confirm.js";
import { Conversation } from "./room/conversation.js";
import { dismiss } from "./room/dismiss.js";
import { Draft } from "./room/draft.js";
import { Finder } from "./room/finder.js";
import { History } from "./room/history.js";
import { Letters } from "./room/letters.js";
import { RoomLink } from "./room/link.js";
import { ChatList } from "./room/list.js";
import { Members } from "./room/members.js";
import { KEEP_HOURS, Outbox } from "./room/outbox.js";
import { Owner } from "./room/owner.js";
import { Panels } from "./room/panels.js";
import { People } from "./room/people.js";
import { Pictures } from "./room/pictures/pictures.js";
import { Recipient } from "./room/recipient.js";
import { RoomHeader } from "./room/room_header.js";
import { Scroll } from "./room/scroll.js";
import { Picker } from "./room/shelf/picker.js";
import { Typing } from "./room/typing.js";
import { Pulse } from "./room/typists.js";
import { Uploads } from "./room/uploads.js";
import { addressed, seemsAddressed } from "./room/whisper_command.js";
import { connect } from "./socket.js";
import { t } from "./texts.js";
import { onWake } from "./wake.js";

/** After these there is no room to come back to with what was not sent. */
const FOR_GOOD = new Set(["no_such_room", "kicked", "closed"]);

const page = byId("room");
const { room = "", user = "", keeps } = page.dataset;
const drawn = { epoch: page.dataset.epoch ?? "", seq: Number(page.dataset.seq) };
const area = byId("chat-scroll");
const list = byId("chat-list");
const form = /** @type {HTMLFormElement} */ (byId("chat-form"));
const offline = new Offline(byId("connection"), (since) => t("js.room.offline", { since, hours: KEEP_HOURS }));

const outbox = new Outbox(storage("localStorage"), `${room}/${user}`);
outbox.sweep(Date.now());
const draft = new Draft(storage("sessionStorage"), room);

const lines = new ChatList(list);
for (const { nonce } of lines.drawn()) if (nonce) outbox.remove(nonce);
new Pictures(list);

const conversation = new Conversation(
  lines,
  new Scroll(area, list, /** @type {HTMLButtonElement} */ (byId("latest"))),
  user,
  drawn.seq,
  (nonce) => {
    letters.forget(nonce);
    uploads.forget(nonce);
  },
);
const uploads = new Uploads(room, user, conversation);

const header = new RoomHeader(page);
// Before the socket of the room: what changes after the answer to its join is told here.
const lobby = connect("/room");
const tape = new Tape();
tap(lobby, tape); // and with it /chat, which shares its connection
new Inspector(tape);
lobby.on("updateRoom", (news) => news._id === room && header.show(news));

// Empty `auth`: this page joins by itself, when it is ready, and not by its address.
const link = new RoomLink(connect("/chat", { auth: {} }), room, drawn, {
  onMissed(records) {
    conversation.receive(records);
    for (const record of records) owner.noted(record);
  },
  onRecord(record) {
    conversation.receive([record]);
    typing.stopped(record.subject ?? record.user);
    owner.noted(record);
    if (members.apply(record)) membersChanged();
  },
  onTyping(typist) {
    if (typist !== user) typing.wrote(typist);
  },
  onFarBehind() {
    // A new page shows the latest at once. But what is being written or sent here would go with the old one.
    if (composer.draft || attach.open || uploads.pending) return false;
    location.reload();
    return true;
  },
  onAnew({ chats, more, seq }) {
    conversation.begin(chats, seq);
    history?.begin(more);
    finder?.again();
    owner.missed();
  },
  onJoined(answer) {
    // A database that was restored does not know who came later: all that this page says of "me" is wrong.
    if (answer.user !== user && !uploads.pending) {
      outbox.move(`${room}/${answer.user}`);
      return location.reload();
    }
    header.show(answer.room);
    members.replace(answer.members, answer.room.owner);
    membersChanged();
    if (keeps === undefined) owner.missed();
    page.dataset.connection = "joined";
    offline.end();
    letters.joined();
    uploads.joined();
  },
  onLost() {
    page.dataset.connection = "lost";
    offline.begin();
    uploads.lost();
  },
  onDismissed(problem) {
    composer.close();
    attach.close(); // its caption goes back to the composer
    const written = outbox.all().map(({ chat }) => chat);
    const unsent = [...written, ...uploads.close(), composer.draft].filter(Boolean).join("\n\n");
    if (FOR_GOOD.has(problem.error)) {
      letters.close();
      draft.end();
    }
    offline.end();
    if (owner.ending) depart("/");
    else dismiss(problem, unsent);
  },
});
onWake(() => link.wake());
const letters = new Letters(room, user, outbox, link, conversation);

const panels = new Panels();
const members = new Members(page.dataset.owner ?? "");
const confirm = new Confirm();
const owner = new Owner(room, link, header, confirm);
const people = new People(members, user, {
  onWhisper(reader) {
    panels.uncover();
    recipient.choose(reader);
    composer.focus();
  },
  onManage: (person) => owner.manage(person),
});

const typing = new Typing();
const pulse = new Pulse();
const recipient = new Recipient(form, draft);
const composer = new Composer(form, draft, {
  onChat: say,
  onWriting(text) {
    const toAll = text && recipient.user === undefined && !seemsAddressed(text);
    if (toAll && !document.hidden && pulse.due(performance.now())) link.tellTyping();
  },
  onFiles: (files) => attach.offer(files.map((file) => ({ file }))),
});
const attach = new Attach(Number(page.dataset.maxUpload), composer, recipient, uploads, draft);

new Picker(room, (gif) => {
  if (recipient.user !== undefined || seemsAddressed(composer.draft)) return t("js.shelf.whisper");
  uploads.again(gif); // what is being written stays
  panels.uncover();
  return null;
});

// A room that keeps nothing has nothing to go back to and nothing to search.
const history = keeps === undefined
  ? null
  : new History(room, conversation, area, /** @type {HTMLButtonElement} */ (byId("older")));
let sought = 0;
const finder = history && new Finder(room, async ({ seq }) => {
  sought = seq;
  if (!(await history.reach(seq))) return false;
  if (sought !== seq) return true; // its reader has gone on to another one
  panels.uncover();
  return conversation.reveal(seq);
});

list.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("button[data-action]");
  const nonce = /** @type {HTMLElement | null} */ (button?.closest("[data-nonce]"))?.dataset.nonce;
  if (!(button instanceof HTMLButtonElement) || nonce === undefined) return;
  if (button.dataset.action === "retry") {
    if (!uploads.retry(nonce)) letters.retry(nonce);
  } else {
    conversation.discard(nonce);
    letters.forget(nonce);
    uploads.cancel(nonce);
  }
});

for (const [button, keep] of /** @type {const} */ ([["exit-btn", false], ["step-out-btn", true]])) {
  byId(button).addEventListener("click", (event) => {
    event.preventDefault();
    if (!uploads.underway) return void exit(keep);
    confirm.ask({ question: t("js.exit.question"), yes: t("js.exit.yes"), work: () => exit(keep) });
  });
}

// Brought back by "back", this page would show a place in the room that it has given up.
addEventListener("pageshow", (event) => event.persisted && location.reload());

/** @param {boolean} keep whether an owner is to stay owner for a while */
async function exit(keep) {
  uploads.close();
  await link.leave(keep);
  depart("/", { back: true });
  return null;
}

/**
 * @param {string} text
 * @returns {string | null} what is wrong with it
 */
function say(text) {
  const said = addressed(text, members.others(user)) ?? { chat: text, to: recipient.user };
  if ("problem" in said) return t(`js.whisper.${said.problem}`);
  const wrong = tooLong(said.chat);
  if (wrong) return wrong;
  if (said.chat) letters.write(said);
  else recipient.choose(said.to);
  return null;
}

function membersChanged() {
  header.count(members.count);
  people.changed();
  owner.changed(members.owner === user);
}

/** @param {"localStorage" | "sessionStorage"} name */
function storage(name) {
  try {
    return window[name];
  } catch {
    return null; // the browser forbids it
  }
}

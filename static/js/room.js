/** The room's page: makes the parts and ties them together. */

import { depart } from "./depart.js";
import { Inspector } from "./inspector/inspector.js";
import { tap } from "./inspector/tap.js";
import { Tape } from "./inspector/tape.js";
import { Offline } from "./offline.js";
import { byId } from "./parts.js";
import { Attach } from "./room/attach/attach.js";
import { Changes } from "./room/changes.js";
import { Composer, tooLong } from "./room/composer.js";
import { Confirm } from "./room/confirm.js";
import { Conversation } from "./room/conversation.js";
import { dismiss } from "./room/dismiss.js";
import { Draft } from "./room/draft.js";
import { Editor } from "./room/editor.js";
import { Finder } from "./room/finder.js";
import { History } from "./room/history.js";
import { Letters } from "./room/letters.js";
import { RoomLink } from "./room/link.js";
import { ChatList } from "./room/list.js";
import { Members } from "./room/members.js";
import { Menu } from "./room/menu.js";
import { KEEP_HOURS, Outbox } from "./room/outbox.js";
import { Owner } from "./room/owner.js";
import { Panels } from "./room/panels.js";
import { People } from "./room/people.js";
import { Pictures } from "./room/pictures/pictures.js";
import { quoteOf } from "./room/quote.js";
import { Recipient } from "./room/recipient.js";
import { Reply } from "./room/reply.js";
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
  {
    onSettled(nonce) {
      letters.forget(nonce);
      uploads.forget(nonce);
    },
    onChanged(record) {
      reply.changed(quoteOf(record));
      finder?.changed(record);
    },
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
  onMissed(records, said) {
    conversation.receive(records);
    for (const record of said) owner.noted(record);
  },
  onRecord(record) {
    conversation.receive([record]);
    typing.stopped(record.subject ?? record.user);
    owner.noted(record);
    if (members.apply(record)) membersChanged();
  },
  onUpdate: (record) => conversation.receive([record]),
  onTyping(typist) {
    if (typist !== user) typing.wrote(typist);
  },
  onFarBehind() {
    // A new page shows the latest at once. But what is being written or sent here would go with the old one.
    if (composer.draft || editor.unsaved || attach.open || uploads.pending) return false;
    location.reload();
    return true;
  },
  onAnew({ chats, more, seq }) {
    conversation.begin(chats, seq);
    history?.begin(more);
    finder?.again();
    reply.choose(undefined); // what it answers may be no more
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
    menu.close();
    attach.close(); // its caption goes back to the composer
    const written = outbox.all().map(({ chat }) => chat);
    const unsent = [...written, ...uploads.close(), editor.unsaved, composer.draft].filter(Boolean).join("\n\n");
    if (FOR_GOOD.has(problem.error)) {
      letters.close();
      draft.end();
    }
    editor.close();
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
const reply = new Reply(form, draft, conversation, lead);
const recipient = new Recipient(form, draft, (user) => reply.addressed(user));
const composer = new Composer(form, draft, {
  onChat: say,
  onWriting(text) {
    const toAll = text && recipient.user === undefined && !seemsAddressed(text);
    if (toAll && !document.hidden && pulse.due(performance.now())) link.tellTyping();
  },
  onFiles: (files) => attach.offer(files.map((file) => ({ file }))),
});
const attach = new Attach(Number(page.dataset.maxUpload), composer, recipient, reply, uploads, draft);

new Picker(room, (gif) => {
  if (recipient.user !== undefined || seemsAddressed(composer.draft)) return t("js.shelf.whisper");
  uploads.again(gif, { re: reply.take(undefined) }); // what is being written stays
  panels.uncover();
  return null;
});

// A room that keeps nothing has nothing to go back to and nothing to search.
const history =
  keeps === undefined ? null : new History(room, conversation, area, /** @type {HTMLButtonElement} */ (byId("older")));
const finder =
  keeps === undefined
    ? null
    : new Finder(room, { newest: (record) => conversation.newest(record) }, ({ seq }) => jump(seq));
let sought = 0;

const changes = new Changes(room, link);
const editor = new Editor(changes);
const menu = new Menu(list, changes, confirm, {
  owns: () => members.owner === user,
  onReply(said) {
    reply.choose({ ...said.quote, partner: said.partner });
    if (said.partner !== undefined) recipient.choose(said.partner);
    composer.focus();
  },
  onEdit: (said) => editor.open(said),
  onOriginal: lead,
  onTrouble: (trouble) => composer.tell(trouble),
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

/**
 * Lead the reader to a record.
 * @param {number} seq
 * @returns {Promise<boolean>} whether it is on the page, or its reader has gone on to another one
 */
async function jump(seq) {
  sought = seq;
  if (history && !(await history.reach(seq))) return false;
  if (sought !== seq) return true;
  panels.uncover();
  return conversation.reveal(seq);
}

/** @param {number} seq of what a reply answers */
async function lead(seq) {
  if (!(await jump(seq))) composer.tell(t("js.reply.far"));
}

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
  if (said.chat) letters.write({ ...said, re: reply.take(said.to) });
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

/** The room page: creates its parts and connects them. */

import { allow, teaches } from "./allowed.js";
import { sendChoices } from "./choices.js";
import { depart, warnBeforeLeaving } from "./depart.js";
import { getJson } from "./http.js";
import { whenIdle } from "./idle.js";
import { tap } from "./inspector/tap.js";
import { Tape } from "./inspector/tape.js";
import { keepAboveKeyboard } from "./keyboard_space.js";
import { Later } from "./later.js";
import { Offline } from "./offline.js";
import { byId, part } from "./parts.js";
import { Announcer } from "./room/announcer.js";
import { Attach } from "./room/attach/attach.js";
import { Attention } from "./room/attention.js";
import { Changes } from "./room/changes.js";
import { copyCodeIn } from "./room/code_copy.js";
import { Composer } from "./room/composer.js";
import { Confirm } from "./room/confirm.js";
import { Conversation } from "./room/conversation.js";
import { dismiss } from "./room/dismiss.js";
import { Draft } from "./room/draft.js";
import { History } from "./room/history.js";
import { HouseSigns } from "./room/house.js";
import { Letters } from "./room/letters.js";
import { LineActions } from "./room/line_actions.js";
import { RoomLink } from "./room/link.js";
import { ChatList } from "./room/list.js";
import { Members } from "./room/members.js";
import { conveniencesOf, heldOf, inspectorOf, namingOf, shareOf, teacherOf, tellSeatTaken } from "./room/openers.js";
import { KEEP_HOURS, Outbox } from "./room/outbox.js";
import { OwnerTools } from "./room/owner_tools.js";
import { Panels } from "./room/panels.js";
import { People } from "./room/people.js";
import { Pictures } from "./room/pictures/pictures.js";
import { quoteOf } from "./room/quote.js";
import { Recipient } from "./room/recipient.js";
import { Reply } from "./room/reply.js";
import { RoomHeader } from "./room/room_header.js";
import { Scroll } from "./room/scroll.js";
import { Speech } from "./room/speech.js";
import { Typing } from "./room/typing.js";
import { Pulse } from "./room/typists.js";
import { mayBeWhisper } from "./room/whisper_command.js";
import { WishView } from "./room/wish_view.js";
import { connect } from "./socket.js";
import { storage } from "./storage.js";
import { t } from "./texts.js";
import { onWake } from "./wake.js";
import { dress, hear, hearFrom, hearLines, meet, renumber } from "./who.js";
import { introduce } from "./you.js";

/** After these the visitor cannot return to the room, and unsent text is not kept for it. */
const FINAL = new Set(["no_such_room", "kicked", "closed"]);

keepAboveKeyboard();

const page = byId("room");
const { room = "", user = "", keeps } = page.dataset;
const drawn = { epoch: page.dataset.epoch ?? "", seq: Number(page.dataset.seq) };
const area = byId("chat-scroll");
const list = byId("chat-list");
const form = /** @type {HTMLFormElement} */ (byId("chat-form"));
const offline = new Offline(byId("connection"), (since) => t("js.room.offline", { since, hours: KEEP_HOURS }));

// First of all: the handshake is on its way while the rest is made. /room before /chat, so that it reports every change
// to the room after the join. Empty `auth`: the server joins no room by the page's address; RoomLink joins when ready.
const lobby = connect("/room");
const tape = new Tape();
tap(lobby, tape); // and /chat, which shares the connection
const chat = connect("/chat", { auth: {} });

const outbox = new Outbox(storage("localStorage"), `${room}/${user}`);
outbox.sweep(Date.now());
const draft = new Draft(storage("localStorage"), `${room}/${user}`, Date.now());

hearLines(list);
dress(document);
introduce(user, area);

const older = part(area, "older");
const newer = part(area, "newer");
const latest = byId("latest");
const lines = new ChatList(list, older, newer);
for (const { nonce } of lines.drawn()) if (nonce) outbox.remove(nonce);
const { viewer } = new Pictures(list, notLoaded);
copyCodeIn(list);

const scroll = new Scroll(area, list);
const attention = new Attention(page, lines, scroll, { tab: storage("sessionStorage"), browser: storage("localStorage") });
const { unread } = attention;

const conversation = new Conversation(
  lines,
  scroll,
  { user, seq: drawn.seq, keeps: keeps !== undefined },
  {
    onSettled(nonce) {
      letters.forget(nonce);
      uploads.made?.forget(nonce);
    },
    onChanged(record) {
      reply.changed(quoteOf(record));
      finder?.made?.changed(record);
      viewer.made?.changed(record);
      changes.told(record);
      unread.changed(record);
    },
    onDrawn: (line) => wishes.drawn(line, changes.of(line.dataset.id ?? "")),
    onEndWanted: () => history.latest(),
    onArrived(records) {
      unread.arrived(records, page.dataset.connection === "lost");
      announcer.arrived(records);
    },
    onMoved: () => unread.drawn(),
  },
);
const announcer = new Announcer(byId("heard"), user);
latest.addEventListener("click", () => conversation.toEnd());
byId("to-mark").addEventListener("click", () => unread.marked !== undefined && jump(unread.marked));
const uploads = new Later(
  "uploads",
  () => import("./room/uploads.js"),
  (Uploads) => {
    const made = new Uploads(room, user, conversation);
    if (page.dataset.connection === "lost") made.lost();
    return made;
  },
  notLoaded,
);

const header = new RoomHeader(page, attention.sign);
const inspector = inspectorOf(tape, notLoaded);
const share = shareOf(room, notLoaded);
lobby.on("updateRoom", (changed) => changed._id === room && showRoom(changed));

const link = new RoomLink(chat, room, drawn, {
  onMissed(records, said) {
    hear(records);
    conversation.receive(records);
    for (const record of said) owner.observe(record);
  },
  onRecord(record) {
    hear([record]);
    if (record.user === user) house.said();
    conversation.receive([record]);
    typing.stopped(record.subject ?? record.user);
    owner.observe(record);
    if (members.apply(record)) membersChanged();
  },
  onUpdate(record) {
    hear([record]);
    conversation.receive([record]);
  },
  onTyping(typist) {
    if (typist !== user) typing.wrote(typist);
  },
  onFarBehind() {
    // Reloading shows the latest records at once, but would lose what is being written or sent, or the place of a reader
    // who is far up.
    if (composer.draft || actions.unsaved || changes.pending || attach.open || uploads.made?.pending || !conversation.range.live) return false;
    location.reload();
    return true;
  },
  onStartOver({ chats, more, seq, epoch }) {
    renumber();
    hear(chats);
    attention.beginAgain({ epoch, seq });
    conversation.begin(chats, more, seq);
    finder?.made?.again();
    reply.choose(undefined); // the record it answers may no longer exist
    owner.recordsMissed();
  },
  onJoined(answer) {
    // A restored database lacks later visitors. If it gave this one a new colour, the page's own colour is wrong.
    if (answer.user !== user && !uploads.made?.pending && !changes.pending && !actions.unsaved) {
      outbox.move(`${room}/${answer.user}`);
      draft.move(`${room}/${answer.user}`);
      return location.reload();
    }
    showRoom(answer.room);
    allow(answer.house);
    members.replace(answer.members, answer.room.owner, answer.roles);
    hearFrom(answer);
    membersChanged();
    if (keeps === undefined) owner.recordsMissed();
    if (page.dataset.connection === undefined) whenIdle(prefetchParts);
    page.dataset.connection = "joined";
    offline.end();
    if (answer.held || held.made) held.tell((made) => made.joined(answer.held ?? []));
    letters.joined();
    uploads.made?.joined();
    changes.joined();
    history.retry();
  },
  onLost() {
    page.dataset.connection = "lost";
    offline.begin();
    uploads.made?.lost();
    changes.lost();
  },
  onDismissed(problem) {
    composer.close();
    const edited = actions.unsaved;
    actions.close();
    for (const part of [share, naming]) part.cancel();
    share.made?.close();
    attach.close(); // its caption goes back to the composer
    if (!owner.ending) owner.changed(false); // else the part that is loaded when idle would ask about a room that is gone
    const letterTexts = outbox.all().map(({ chat }) => chat);
    const unsent = [...letterTexts, ...(uploads.made?.close() ?? []), ...changes.texts, edited, composer.draft].filter(Boolean).join("\n\n");
    if (FINAL.has(problem.error)) {
      letters.close();
      draft.end();
      attention.end();
    }
    offline.end();
    if (owner.ending) depart("/");
    else dismiss(problem, unsent);
  },
});
onWake(() => {
  link.wake();
  lines.callDays();
});
const letters = new Letters(room, user, outbox, link, conversation);
const held = heldOf(room, user, chat, conversation);
chat.on("held", () => house.said());
const house = new HouseSigns(page, form, chat, () => {
  letters.joined();
  uploads.made?.thaw();
});

const panels = new Panels((name, loaded) => {
  if (name === "shelf") picker.use(loaded);
  else finder?.use(loaded);
}, storage("localStorage"));
const members = new Members(page.dataset.owner ?? "");
const confirm = new Confirm();
const owner = new OwnerTools(room, link, header, confirm);
const teacher = teacherOf(room, confirm, notLoaded);
const people = new People(members, user, {
  onWhisper(reader) {
    panels.closeSheet();
    recipient.choose(reader);
    composer.focus();
  },
  onManage: (person) => (teacher ? teacher.use((made) => made.manage(person)) : owner.manage(person)),
});

const typing = new Typing();
const pulse = new Pulse();
const reply = new Reply(form, draft, conversation, showOriginal);
const recipient = new Recipient(form, draft, {
  onChosen: (user) => reply.recipientChanged(user),
  onDiscard: () => composer.take(),
});
const speech = new Speech({ others: () => members.others(user), recipient, reply, letters, house }, notLoaded);
const composer = new Composer(form, draft, {
  onChat: (written) => speech.say(written),
  onWriting(text) {
    const toAll = text && recipient.user === undefined && !mayBeWhisper(text);
    if (toAll && !document.hidden && pulse.due(performance.now())) link.sendTyping();
  },
  counted: (written) => speech.counted(written),
  onFiles: (files) => attach.offer(files.map((file) => ({ file }))),
});
speech.complete(composer);
const attach = new Attach(Number(page.dataset.maxUpload), composer, recipient, reply, uploads, draft, notLoaded);

const naming = namingOf(link, user, notLoaded);

const picker = new Later(
  "shelf",
  () => uploads.load().then(() => import("./room/shelf/picker.js")), // what it shows can be sent at once
  (Picker) => new Picker(room, sendAgain),
  notLoaded,
);

const fetchHistory = async (/** @type {number | null} */ before, /** @type {number} */ limit) => {
  const page = await getJson(`/room/${room}/chats?limit=${limit}${before === null ? "" : `&before=${before}`}`);
  hear(page.chats);
  return page;
};
// A room without stored records has no history but what the page received, and nothing to search.
const history = new History(keeps === undefined ? null : fetchHistory, conversation, area, { older, newer });
const finder =
  keeps === undefined
    ? null
    : new Later(
        "search",
        () => import("./room/finder.js"),
        (Finder) =>
          new Finder(room, { newest: (record) => conversation.newest(record) }, ({ seq }) => jump(seq)),
        notLoaded,
      );

const wishes = new WishView(user);
const changes = new Changes(room, link, {
  onChanged(id, fulfilled) {
    const line = lines.lineOf(id);
    if (line) wishes.changed(line, changes.of(id), fulfilled);
    if (!line || line.dataset.deleted) {
      for (const { trouble = "", chat = "" } of changes.takeFailed(id)) {
        composer.showTrouble(t("js.edit.failed", { trouble }));
        composer.restore(chat);
      }
    }
    warnBeforeLeaving("changes", changes.pending);
  },
  onRefused: (trouble) => composer.showTrouble(trouble),
});
const actions = new LineActions(list, changes, confirm, storage("localStorage"), {
  owns: () => members.owner === user || teaches(),
  onReply: answer,
  onOriginal: showOriginal,
  onTrouble: (trouble) => composer.showTrouble(trouble),
});
const conveniences = conveniencesOf(list, area, { onReply: answer, openMenu: (target) => actions.openAt(target) });
tellSeatTaken(lobby, area);

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  composer.focus();
});
sendChoices();
list.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("button[data-action]");
  const nonce = /** @type {HTMLElement | null} */ (button?.closest("[data-nonce]"))?.dataset.nonce;
  if (!(button instanceof HTMLButtonElement) || nonce === undefined) return;
  if (button.dataset.action === "retry") {
    if (!uploads.made?.retry(nonce)) letters.retry(nonce);
  } else {
    conversation.discard(nonce);
    letters.forget(nonce);
    uploads.made?.cancel(nonce);
  }
});

for (const [button, keep] of /** @type {const} */ ([["exit-btn", false], ["step-out-btn", true]])) {
  byId(button).addEventListener("click", (event) => {
    event.preventDefault();
    if (!uploads.made?.underway && !changes.pending) return void exit(keep);
    confirm.ask({ question: t("js.exit.question"), yes: t("js.exit.yes"), action: () => exit(keep) });
  });
}

// Restored by "back", this page would appear to be in a room that it has left.
addEventListener("pageshow", (event) => event.persisted && location.reload());

/**
 * Scroll to a record, loading older ones if necessary.
 * @param {number} seq
 * @returns {Promise<boolean>} false if it cannot be shown; true also when the reader has chosen something else meanwhile
 */
async function jump(seq) {
  const outcome = await history.reach(seq);
  if (outcome === "shown") {
    panels.closeSheet();
    conversation.reveal(seq);
  }
  return outcome !== "absent";
}

/** @param {import("./room/said.js").Said} said what the next message answers */
function answer(said) {
  reply.choose({ ...said.quote, partner: said.partner });
  if (said.partner !== undefined) recipient.choose(said.partner);
  composer.focus();
}

/** @param {number} seq of the record a reply answers */
async function showOriginal(seq) {
  if (!(await jump(seq))) composer.showTrouble(t("js.reply.far"));
}

/** @param {boolean} keep whether an owner stays owner for a while */
async function exit(keep) {
  uploads.made?.close();
  await link.leave(keep);
  depart("/", { back: true });
  return null;
}

/** @param {import("./wire.js").Room} now the room as it is */
function showRoom(now) {
  header.show(now);
  house.room(now);
  teacher?.tell((made) => made.room(now));
}

function membersChanged() {
  meet(members.inOrder(user));
  header.count(members.count);
  people.changed();
  owner.changed(members.owner === user);
  recipient.met(members.others(user));
}

/**
 * @param {import("./room/uploads.js").Gif} gif from the shelf
 * @returns {string | null} what is wrong with it
 */
function sendAgain(gif) {
  if (recipient.user !== undefined || mayBeWhisper(composer.draft)) return t("js.shelf.whisper");
  if (house.refusal) return house.refusal;
  uploads.use((ready) => ready.sendStored(gif, { re: reply.take(undefined) })); // the composer's text stays
  panels.closeSheet();
  return null;
}

/** So that they open without a wait. */
function prefetchParts() {
  for (const part of [actions, share, naming, inspector, speech.help, picker, finder, viewer, owner]) part?.prefetch();
  attach.load().then(
    () => {
      page.dataset.images = "ready";
    },
    () => {}, // tried again with the first image
  );
  attention.alerts.use(() => {}); // it listens for a press, after which sounds are allowed
  import("./room/mention_list.js").then(
    ({ default: completeMentions }) => completeMentions(composer.completion, () => members.others(user)),
    () => {}, // mentions can be written without it
  );
  for (const part of conveniences) part.use(() => {});
}

/** A part of the page is wanted and could not be loaded. */
function notLoaded() {
  composer.showTrouble(t("js.error.network"));
}

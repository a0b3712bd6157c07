/** The lessons page: creates the lanes, the charts and the views of server state, and connects them. */

import { sendChoices } from "./choices.js";
import { Tape } from "./inspector/tape.js";
import { LongPolling, Polling } from "./lessons/ask.js";
import { Charts } from "./lessons/charts.js";
import { Code } from "./lessons/code.js";
import { CountTable } from "./lessons/counts.js";
import { Lane } from "./lessons/lane.js";
import { RawWebSocket, ServerSentEvents } from "./lessons/listen.js";
import { ServerLog } from "./lessons/log.js";
import { Packets } from "./lessons/packets.js";
import { SettingsForm } from "./lessons/settings.js";
import { SocketIo } from "./lessons/socketio.js";
import { Tree } from "./lessons/tree.js";
import { byId, part } from "./parts.js";
import { connect } from "./socket.js";
import { t } from "./texts.js";

const page = byId("lessons");

/** @param {string} lesson */
const rootOf = (lesson) => /** @type {HTMLElement} */ (page.querySelector(`section[data-lesson="${lesson}"]`));

/** @type {Charts | undefined} */
let charts;
const changed = () => charts?.changed();
const settings = new SettingsForm(() => {
  for (const lane of lanes) lane.restart();
});

const lanes = [
  new Lane(rootOf("polling"), (listener) => new Polling(listener), () => settings.values, changed),
  new Lane(rootOf("long_polling"), (listener) => new LongPolling(listener), () => settings.values, changed),
  new Lane(rootOf("sse"), (listener) => new ServerSentEvents(listener), () => settings.values, changed),
  new Lane(rootOf("websocket"), (listener, reply) => new RawWebSocket(listener, reply), () => settings.values, changed),
];

const tape = new Tape();
/** @type {SocketIo | undefined} */
let socketIo;
const transports = () => {
  const chosen = rootOf("socketio").querySelector('[name="transports"]:checked');
  return /** @type {HTMLInputElement} */ (chosen).value.split(",");
};
const socketIoLane = new Lane(
  rootOf("socketio"),
  // The server may send the tree with this socket before the client knows its id.
  (listener, reply) => (socketIo = new SocketIo(listener, tape, reply, () => tree.draw())),
  transports,
  changed,
);
const packets = new Packets(rootOf("socketio"), tape);
part(rootOf("socketio"), "transports").addEventListener("change", () => socketIoLane.restart());

charts = new Charts([...lanes, socketIoLane]);

const startAll = /** @type {HTMLButtonElement} */ (byId("start-all"));
startAll.addEventListener("click", () => {
  for (const lane of [...lanes, socketIoLane]) lane.start();
});
startAll.disabled = false; // the script is ready
byId("stop-all").addEventListener("click", stopAll);
byId("reset").addEventListener("click", () => {
  for (const lane of [...lanes, socketIoLane]) lane.reset();
  packets.clear();
  charts?.reset();
});

const code = new Code();
page.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest('[data-part="code"]');
  if (link) code.show(/** @type {HTMLElement} */ (link.closest("[data-lesson]")).dataset.lesson ?? "");
});

// WebSocket only, so that every HTTP request the page counts belongs to a lesson.
const feed = connect("/lessons", { forceNew: true, transports: ["websocket"] });
const tree = new Tree(() => [feed.id, socketIo?.id]);
const log = new ServerLog(page.dataset.user ?? "");
const counts = new CountTable(part(page, "counts"));
feed.on("connect", () => log.clear());
feed.on("tree", (namespaces) => tree.show(namespaces));
feed.on("counts", (totals) => counts.show(totals));
feed.on("log", (lines) => log.add(lines));

// The title is all that can be seen of a hidden tab.
const { title } = document;
document.addEventListener("visibilitychange", () => {
  const paused = document.hidden && [...lanes, socketIoLane].some((lane) => lane.running);
  document.title = paused ? t("js.lessons.paused_title", { title }) : title;
});

sendChoices();
addEventListener("pagehide", stopAll);

function stopAll() {
  for (const lane of [...lanes, socketIoLane]) lane.stop();
}

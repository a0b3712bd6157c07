/** #viewer: shows one image as large as the screen allows, and steps through the room's images. */

import { byId, part } from "../../parts.js";
import { t } from "../../texts.js";
import { showTime } from "../../when.js";
import { fillChip } from "../../who.js";
import { copiesImages, copy } from "./copy.js";
import { fileName, sizeWithin } from "./file.js";
import { imageOf, isAnimated, reload, setPlaying } from "./picture.js";
import { watchSwipes } from "./swipe.js";

/** @typedef {import("./player.js").Player} Player */

export default class Viewer {
  #dialog = /** @type {HTMLDialogElement} */ (byId("viewer"));
  #stage = part(this.#dialog, "stage");
  #state = part(this.#dialog, "state");
  #list;
  #player;
  /** @type {HTMLElement | null} the figure in the chat */
  #shown = null;
  /** @type {HTMLElement | null} its copy on the stage */
  #copy = null;
  #changes = new MutationObserver(() => this.#place());

  /**
   * @param {HTMLElement} list whose images are shown
   * @param {Player} player
   */
  constructor(list, player) {
    this.#list = list;
    this.#player = player;
    const dialog = this.#dialog;
    const on = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      part(dialog, name).addEventListener("click", act);
    on("close", () => dialog.close());
    on("previous", () => this.#step(-1));
    on("next", () => this.#step(1));
    on("copy", () => this.#copyShown());
    part(dialog, "copy").textContent = t(copiesImages() ? "js.viewer.copy_image" : "js.viewer.copy_address");
    dialog.addEventListener("keydown", ({ key, altKey, ctrlKey, metaKey }) => {
      if (altKey || ctrlKey || metaKey) return; // Alt+Left is the browser's "back"
      if (key === "ArrowLeft") this.#step(-1);
      if (key === "ArrowRight") this.#step(1);
    });
    dialog.addEventListener("click", ({ target }) => {
      if (target === this.#stage || target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => this.#closed());
    watchSwipes(this.#stage, (step) => this.#step(step));
    new ResizeObserver(() => this.#fit()).observe(this.#stage);
  }

  /** @param {HTMLElement} figure of a record in the list */
  open(figure) {
    // Safari does not focus a clicked link, and closing the dialog must return the focus here.
    part(figure, "open").focus({ preventScroll: true });
    this.#dialog.showModal();
    this.#player.confineTo(this.#dialog);
    this.#changes.observe(this.#list, { childList: true, subtree: true });
    this.#show(figure);
  }

  /** @param {import("../../wire.js").ChatRecord} record that has changed, whether or not the page has a line for it */
  changed({ _id, deleted }) {
    if (deleted && this.#shown?.parentElement?.dataset.id === _id) this.#dialog.close();
  }

  #closed() {
    this.#changes.disconnect();
    this.#clear();
    this.#shown = null;
    this.#player.confineTo(null);
  }

  /** @returns {HTMLElement[]} all images on the page, in order */
  #all() {
    return [...this.#list.querySelectorAll(":scope > [data-seq] > .picture")].map(
      (figure) => /** @type {HTMLElement} */ (figure),
    );
  }

  /** @param {1 | -1} step */
  #step(step) {
    const all = this.#all();
    const next = this.#shown && all[all.indexOf(this.#shown) + step];
    if (next) this.#show(next);
  }

  /** @param {HTMLElement} figure */
  #show(figure) {
    this.#clear();
    this.#shown = figure;
    const copied = /** @type {HTMLElement} */ (figure.cloneNode(true));
    const open = part(copied, "open");
    const address = open.getAttribute("href") ?? "";
    open.removeAttribute("href"); // it is open already
    imageOf(copied).loading = "eager";
    reload(copied);
    if (isAnimated(copied)) setPlaying(copied, false);
    this.#copy = copied;
    this.#stage.append(copied);
    this.#fit();
    this.#player.watch(copied);

    const line = /** @type {HTMLElement} */ (figure.parentElement);
    const { dateTime } = /** @type {HTMLTimeElement} */ (part(line, "time"));
    fillChip(this.#dialog, part(line, "chip").dataset.who ?? "");
    showTime(/** @type {HTMLTimeElement} */ (part(this.#dialog, "time")), dateTime);
    part(this.#dialog, "caption").textContent = part(line, "text")?.textContent ?? "";
    const download = /** @type {HTMLAnchorElement} */ (part(this.#dialog, "download"));
    download.setAttribute("href", address);
    download.download = fileName(address, dateTime);
    this.#state.textContent = "";
    this.#place();
  }

  #clear() {
    if (!this.#copy) return;
    this.#player.unwatch(this.#copy);
    // If its button has the focus, removing it would leave the arrow keys without a target.
    if (this.#copy.contains(document.activeElement)) this.#dialog.focus();
    this.#copy.remove();
    this.#copy = null;
  }

  /** Show its number among all images, which may have changed. */
  #place() {
    // A deleted image is taken out of its line; it stays in a line that the page has only removed.
    if (!this.#shown?.parentElement) return this.#dialog.close();
    const all = this.#all();
    const index = all.indexOf(this.#shown);
    part(this.#dialog, "place").textContent = index < 0 ? "" : `${index + 1} / ${all.length}`;
    // Not `disabled`, which would take the focus from the button that was just pressed.
    part(this.#dialog, "previous").setAttribute("aria-disabled", String(index <= 0));
    part(this.#dialog, "next").setAttribute("aria-disabled", String(index === all.length - 1));
  }

  #fit() {
    if (!this.#copy || !this.#shown) return;
    const [shown, image] = [imageOf(this.#shown), imageOf(this.#copy)];
    const [width, height] = ["width", "height"].map((name) => Number(shown.getAttribute(name)));
    const { clientWidth, clientHeight } = this.#stage;
    Object.assign(image, sizeWithin(width, height, { width: clientWidth, height: clientHeight }));
  }

  async #copyShown() {
    const copied = this.#copy;
    if (!copied) return;
    const image = imageOf(copied);
    const address = part(this.#dialog, "download").getAttribute("href") ?? "";
    const what = await copy(image, address, this.#dialog);
    if (copied !== this.#copy) return;
    const result = what === "image" && isAnimated(copied) ? "frame" : what;
    this.#state.textContent = t(`js.viewer.copied_${result ?? "nothing"}`);
  }
}

/**
 * The frame inspector: shows this tab's Socket.IO frames on the page itself, as the browser's developer tools would. F9
 * or its button opens it; while it is closed, frames are only recorded.
 */

import { composing } from "../composing.js";
import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { Detail } from "./detail.js";
import { decodeFrame } from "./frames.js";
import { FrameList } from "./list.js";
import { OwnPacket } from "./own_packet.js";

/**
 * @typedef {import("./frames.js").Decoded} Decoded
 * @typedef {import("./look.js").Filter} Filter
 * @typedef {import("./tape.js").Frame} Frame
 * @typedef {import("./tape.js").Tape} Tape
 */

export default class Inspector {
  #tape;
  #panel = byId("inspector");
  #button = byId("inspector-btn");
  #filters = /** @type {HTMLFormElement} */ (part(this.#panel, "filters"));
  #pause = part(this.#panel, "pause");
  #none = part(this.#panel, "none");
  #paused = false;
  #due = false;
  #unlisten = () => {};
  #list;
  #detail;
  #own;

  /** @param {Tape} tape */
  constructor(tape) {
    this.#tape = tape;
    this.#list = new FrameList(part(this.#panel, "frames"), (frame, decoded) => {
      this.#explain(frame, decoded);
    });
    this.#detail = new Detail(part(this.#panel, "detail"), {
      onClose: () => {
        this.#list.focus();
        this.#unselect();
      },
      onFollow: (number) => this.#select(number),
    });
    const form = /** @type {HTMLFormElement} */ (part(this.#panel, "own"));
    this.#own = new OwnPacket(form, part(this.#panel, "own-explained"), tape);
    form.addEventListener("focusin", ({ target }) => {
      this.#unselect();
      if (target instanceof HTMLInputElement) this.#panel.dataset.explains = "own";
    });
    form.addEventListener("focusout", () => this.#panel.dataset.explains === "own" && delete this.#panel.dataset.explains);

    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && !composing(event) && this.#escape());
    part(this.#panel, "close").addEventListener("click", () => this.close());
    part(this.#panel, "clear").addEventListener("click", () => this.#clear());
    this.#pause.addEventListener("click", () => this.#pauseOrGoOn());
    this.#filters.addEventListener("input", () => this.#redraw());
    this.#filters.addEventListener("submit", (event) => event.preventDefault());
  }

  toggle() {
    if (this.#panel.hidden) this.open();
    else this.close();
  }

  open() {
    this.#panel.hidden = false;
    this.#panel.closest("main")?.setAttribute("data-inspecting", "");
    this.#button.setAttribute("aria-expanded", "true");
    this.#unlisten = this.#tape.listen(() => this.#schedule());
    this.#own.show();
    this.#redraw();
    byId("inspector-title").focus();
  }

  close() {
    this.#unlisten();
    this.#own.close();
    this.#unselect();
    this.#list.clear();
    this.#panel.hidden = true;
    this.#panel.closest("main")?.removeAttribute("data-inspecting");
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.focus();
  }

  #escape() {
    if (!this.#detail.shown) return this.close();
    this.#list.focus();
    this.#unselect();
  }

  /** Draw once in the next animation frame, however many packets arrive until then. */
  #schedule() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      if (!this.#panel.hidden) this.#draw();
    });
  }

  #draw() {
    const { frames } = this.#tape;
    if (!this.#paused) this.#list.follow(frames, this.#filter(), ({ namespace }) => this.#offer(namespace));
    this.#none.hidden = !this.#list.empty;
    const waiting = (frames.at(-1)?.number ?? 0) - this.#list.shown;
    this.#pause.setAttribute("aria-pressed", String(this.#paused));
    this.#pause.textContent = !this.#paused
      ? t("js.inspector.pause")
      : waiting > 0
        ? t("js.inspector.go_on_with", { count: waiting })
        : t("js.inspector.go_on");
  }

  #redraw() {
    this.#list.clear();
    const paused = this.#paused;
    this.#paused = false;
    this.#draw();
    this.#paused = paused;
    if (paused) this.#draw();
  }

  #clear() {
    this.#tape.clear();
    this.#unselect();
    this.#redraw();
  }

  #pauseOrGoOn() {
    this.#paused = !this.#paused;
    this.#draw();
  }

  /** @param {number} number */
  #select(number) {
    const frame = this.#tape.frames.find((one) => one.number === number);
    if (!frame) return;
    this.#explain(frame, decodeFrame(frame.raw));
    this.#list.focus();
  }

  /**
   * @param {Frame} frame
   * @param {Decoded} decoded
   */
  #explain(frame, decoded) {
    this.#list.select(frame.number);
    this.#detail.show(frame, decoded, this.#tape.frames);
    part(this.#panel, "own-explained").hidden = true;
    this.#panel.dataset.explains = "frame"; // where there is no room for both, in place of the list
  }

  #unselect() {
    this.#list.select(undefined);
    this.#detail.hide();
    part(this.#panel, "own-explained").hidden = false;
    delete this.#panel.dataset.explains;
  }

  /** @returns {Filter} */
  #filter() {
    const form = new FormData(this.#filters);
    return {
      up: form.has("up"),
      down: form.has("down"),
      heartbeat: form.has("heartbeat"),
      type: String(form.get("type")),
      namespace: String(form.get("namespace")),
    };
  }

  /**
   * Add a namespace to the filter's choices once it has been seen.
   * @param {string | undefined} namespace
   */
  #offer(namespace) {
    const select = /** @type {HTMLSelectElement} */ (this.#filters.elements.namedItem("namespace"));
    if (!namespace || [...select.options].some(({ value }) => value === namespace)) return;
    select.add(new Option(namespace, namespace));
  }
}

/** The packets of the Socket.IO lesson, each explained when selected, as in the rooms' frame inspector. */

import { Detail } from "../inspector/detail.js";
import { decodeFrame } from "../inspector/frames.js";
import { FrameList } from "../inspector/list.js";
import { part } from "../parts.js";

const ALL = { up: true, down: true, heartbeat: true, type: "", namespace: "" };

export class Packets {
  #root;
  #tape;
  #list;
  #detail;
  #due = false;

  /**
   * @param {HTMLElement} root
   * @param {import("../inspector/tape.js").Tape} tape
   */
  constructor(root, tape) {
    this.#root = root;
    this.#tape = tape;
    this.#list = new FrameList(part(root, "frames"), (frame, decoded) => {
      this.#list.select(frame.number);
      this.#detail.show(frame, decoded, tape.frames);
    });
    this.#detail = new Detail(part(root, "detail"), {
      onClose: () => {
        this.#list.focus();
        this.#list.select(undefined);
        this.#detail.hide();
      },
      onFollow: (number) => this.#follow(number),
    });
    tape.listen(() => this.#schedule());
  }

  clear() {
    this.#tape.clear();
    this.#list.clear();
    this.#detail.hide();
    this.#draw();
  }

  #schedule() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    this.#list.follow(this.#tape.frames, ALL, () => {});
    part(this.#root, "none").hidden = !this.#list.empty;
  }

  /** @param {number} number */
  #follow(number) {
    const frame = this.#tape.frames.find((one) => one.number === number);
    if (!frame) return;
    this.#list.select(number);
    this.#detail.show(frame, decodeFrame(frame.raw), this.#tape.frames);
    this.#list.focus();
  }
}

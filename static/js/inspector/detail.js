/** One frame in full: its fields, how it was transported, and a related frame. */

import { part } from "../parts.js";
import { t } from "../texts.js";
import { showFields } from "./fields.js";
import { frameHeaderSize } from "./header.js";
import { timeText, typeOf } from "./list.js";
import { announced, answered } from "./look.js";

/**
 * @typedef {import("./frames.js").Decoded} Decoded
 * @typedef {import("./tape.js").Frame} Frame
 */

export class Detail {
  #root;
  #link;
  /** @type {number | undefined} */
  #linked;

  /**
   * @param {HTMLElement} root
   * @param {{onClose: () => void, onFollow: (number: number) => void}} listener
   */
  constructor(root, { onClose, onFollow }) {
    this.#root = root;
    this.#link = part(root, "link");
    part(root, "back").addEventListener("click", onClose);
    this.#link.addEventListener("click", () => this.#linked !== undefined && onFollow(this.#linked));
  }

  get shown() {
    return !this.#root.hidden;
  }

  /**
   * @param {Frame} frame
   * @param {Decoded} decoded
   * @param {readonly Frame[]} frames to search for the related one
   */
  show(frame, decoded, frames) {
    const { up, at, transport, connection, size, earlier } = frame;
    const way = t(up ? "js.inspector.up" : "js.inspector.down");
    part(this.#root, "title").textContent = `#${frame.number} ${way} · ${typeOf(decoded)}`;
    showFields(part(this.#root, "raw"), part(this.#root, "fields"), decoded);
    part(this.#root, "journey").textContent = t(`js.inspector.journey.${transport}`, {
      time: timeText(at),
      connection,
      size,
      header: frameHeaderSize(size, up),
    });
    part(this.#root, "earlier").hidden = !earlier;
    this.#showLink(frame, decoded, frames);
    this.#root.hidden = false;
    /** @type {HTMLElement} */ (this.#root.parentElement).scrollTop = 0;
  }

  hide() {
    this.#root.hidden = true;
  }

  /**
   * @param {Frame} frame
   * @param {Decoded} decoded
   * @param {readonly Frame[]} frames
   */
  #showLink(frame, decoded, frames) {
    const asked = answered(frames, frame, decoded);
    const packet = decoded.fields[0]?.name === "binary" ? announced(frames, frame) : undefined;
    this.#linked = asked?.number ?? packet?.frame.number;
    this.#link.hidden = this.#linked === undefined;
    if (asked) {
      this.#link.textContent = t("js.inspector.answers", { number: asked.number, ms: frame.at - asked.at });
    } else if (packet) {
      const { index, count } = packet;
      this.#link.textContent = t("js.inspector.attached", { number: packet.frame.number, index, count });
    }
  }
}

/** The list of frames, one line with a button each. */

import { copyOf, part } from "../parts.js";
import { lang, t } from "../texts.js";
import { decodeFrame } from "./frames.js";
import { gist, matches } from "./look.js";

/**
 * @typedef {import("./frames.js").Decoded} Decoded
 * @typedef {import("./look.js").Filter} Filter
 * @typedef {import("./tape.js").Frame} Frame
 */

const clock = new Intl.DateTimeFormat(lang, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** @param {number} at */
export const timeText = (at) => clock.format(at);

/** Within this distance from the end, the list scrolls along with new frames. */
const AT_END_PX = 24;

export class FrameList {
  #list;
  #scroll;
  #onSelect;
  /** @type {Map<number, HTMLElement>} by the frame's number, in their order */
  #lines = new Map();
  #shown = 0;
  /** @type {number | undefined} */
  #selected;

  /**
   * @param {HTMLElement} list
   * @param {(frame: Frame, decoded: Decoded) => void} onSelect
   */
  constructor(list, onSelect) {
    this.#list = list;
    this.#scroll = /** @type {HTMLElement} */ (list.parentElement);
    this.#onSelect = onSelect;
    list.addEventListener("keydown", (event) => this.#move(event));
  }

  get empty() {
    return this.#lines.size === 0;
  }

  /** The number of the last frame that was processed. */
  get shown() {
    return this.#shown;
  }

  clear() {
    this.#lines.clear();
    this.#list.replaceChildren();
    this.#shown = 0;
  }

  /**
   * Add new frames, and remove those that are no longer on the tape.
   * @param {readonly Frame[]} frames
   * @param {Filter} filter
   * @param {(decoded: Decoded) => void} onNew
   */
  follow(frames, filter, onNew) {
    const following = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < AT_END_PX;
    const oldest = frames[0]?.number ?? Infinity;
    for (const [number, line] of this.#lines) {
      if (number >= oldest) break;
      line.remove();
      this.#lines.delete(number);
    }
    const fresh = document.createDocumentFragment();
    for (const frame of frames) {
      if (frame.number <= this.#shown) continue;
      this.#shown = frame.number;
      const decoded = decodeFrame(frame.raw);
      onNew(decoded);
      if (!matches(frame, decoded, filter)) continue;
      const line = this.#line(frame, decoded);
      this.#lines.set(frame.number, line);
      fresh.append(line);
    }
    this.#list.append(fresh);
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** @param {number | undefined} number */
  select(number) {
    this.#button(this.#selected)?.removeAttribute("aria-current");
    this.#selected = number;
    const button = this.#button(number);
    button?.setAttribute("aria-current", "true");
    button?.scrollIntoView({ block: "nearest" });
  }

  /** Focus the selected line, or the list if that line is not shown. */
  focus() {
    (this.#button(this.#selected) ?? this.#scroll).focus();
  }

  /**
   * @param {Frame} frame
   * @param {Decoded} decoded
   */
  #line(frame, decoded) {
    const line = copyOf("frame-template");
    const button = /** @type {HTMLButtonElement} */ (line.querySelector("button"));
    const { event, rest } = gist(decoded);
    button.dataset.direction = frame.up ? "up" : "down";
    button.dataset.number = String(frame.number);
    if (decoded.trouble) button.dataset.trouble = decoded.trouble;
    if (frame.number === this.#selected) button.setAttribute("aria-current", "true");
    part(line, "direction").textContent = frame.up ? "↑" : "↓";
    part(line, "way").textContent = t(frame.up ? "js.inspector.up" : "js.inspector.down");
    part(line, "time").textContent = timeText(frame.at);
    part(line, "kind").textContent = typeOf(decoded);
    part(line, "namespace").textContent = decoded.namespace ?? "";
    part(line, "event").textContent = event;
    part(line, "rest").textContent = rest;
    part(line, "size").textContent = `${frame.size} B`;
    button.addEventListener("click", () => this.#onSelect(frame, decoded));
    return line;
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    const buttons = [...this.#list.querySelectorAll("button")];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)];
    event.preventDefault();
    to?.focus();
    to?.click();
  }

  /** @param {number | undefined} number */
  #button(number) {
    return number === undefined ? undefined : this.#lines.get(number)?.querySelector("button");
  }
}

/** @param {Decoded} decoded */
export function typeOf({ engine, socket, fields }) {
  if (socket) return socket;
  return fields[0]?.name === "binary" ? "binary" : (engine ?? "?");
}

/** One lesson on the page: its button, its passages, and what they have cost. */

import { part } from "../parts.js";
import { lang, problemText, t } from "../texts.js";
import { Ladder } from "./ladder.js";
import { Meter } from "./meter.js";
import { Passages } from "./passages.js";
import { bytesText } from "./passage.js";

/** Without an answer for this long, a request is probably queued in the browser. */
const ANSWER_EXPECTED_MS = 3000;

/**
 * @typedef {import("./ask.js").LaneListener} LaneListener
 *
 * @typedef {object} Program
 * @property {(settings: any) => void} start
 * @property {() => void} stop
 * @property {(text: string) => void} [send]
 */

/** @template Settings */
export class Lane {
  #root;
  #program;
  #settings;
  #toggle;
  #trouble;
  #ladder;
  #passages;
  #onChange;
  #timer = 0;
  /** Started, but paused while the tab is hidden: with HTTP/1.1, all tabs share six connections to the server. */
  #paused = false;

  meter = new Meter();
  running = false;
  /** Whether any of its values is estimated. */
  estimated = false;

  /**
   * @param {HTMLElement} root
   * @param {(listener: LaneListener, reply: () => string) => Program} make
   * @param {() => Settings} settings
   * @param {() => void} onChange there was a passage, or the lane was started or stopped
   */
  constructor(root, make, settings, onChange) {
    this.#root = root;
    this.#settings = settings;
    this.#onChange = onChange;
    this.#toggle = /** @type {HTMLButtonElement} */ (part(root, "toggle"));
    this.#trouble = part(root, "trouble");
    this.#ladder = new Ladder(/** @type {SVGElement} */ (/** @type {unknown} */ (part(root, "ladder"))));
    const list = part(root, "passages");
    this.#passages = list && new Passages(list);
    const form = /** @type {HTMLFormElement | null} */ (part(root, "say"));
    this.#program = make(this.#listener(), () => {
      const fields = form && new FormData(form);
      return fields?.has("auto") ? String(fields.get("text")) : "";
    });
    this.#toggle.addEventListener("click", () => (this.running ? this.stop() : this.start()));
    this.#toggle.disabled = false;
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#program.send?.(String(new FormData(form).get("text")));
    });
    document.addEventListener("visibilitychange", () => this.#runOrPause());
    this.#show();
  }

  get lesson() {
    return this.#root.dataset.lesson ?? "";
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.#runOrPause();
    this.#show();
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    this.#end("");
    this.#show();
  }

  /** Apply changed settings, if it is running. */
  restart() {
    if (!this.running || this.#paused) return;
    this.#program.stop();
    this.#begin();
  }

  /** If it was started, run it while the tab is visible, or else pause it. */
  #runOrPause() {
    if (!this.running) return;
    this.#paused = document.visibilityState === "hidden";
    if (this.#paused) this.#end(t("js.lessons.paused"));
    else this.#begin();
  }

  #begin() {
    this.#showTrouble("");
    this.#await();
    this.#ladder.run(true);
    this.#program.start(this.#settings());
  }

  /** @param {string} why */
  #end(why) {
    this.#program.stop();
    this.#ladder.run(false);
    this.#showTrouble(why);
  }

  /**
   * Show a notice if the server does not answer in time.
   * @param {number} [held_ms] how long it may hold the answer back
   */
  #await(held_ms = 0) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#showTrouble(t("js.lessons.waits")), ANSWER_EXPECTED_MS + held_ms);
  }

  /** @param {string} text empty: nothing is wrong */
  #showTrouble(text) {
    clearTimeout(this.#timer);
    this.#trouble.textContent = text;
  }

  /** Forget all passages. */
  reset() {
    this.meter = new Meter();
    this.#ladder.clear();
    this.#passages?.clear();
    this.#show();
  }

  /** @returns {LaneListener} */
  #listener() {
    return {
      onPass: (passage) => {
        if (!passage.up) this.#showTrouble("");
        else if (passage.what === "request") this.#await(passage.held_ms);
        this.estimated ||= passage.estimated ?? false;
        this.meter.add(passage);
        this.#ladder.add(passage);
        this.#passages?.add(passage);
        this.#show();
      },
      onHeadKnown: (passage) => {
        this.meter.know(performance.now(), passage.head ?? 0);
        this.#passages?.update(passage);
        this.#show();
      },
      onOpen: (open) => this.#ladder.hold(open),
      onTrouble: (problem) => {
        this.#showTrouble(problem ? problemText(problem) : t("js.lessons.out_of_reach"));
      },
      onRefused: (problem) => {
        this.stop();
        this.#showTrouble(t(`js.error.${problem.error}`));
      },
    };
  }

  #show() {
    this.#toggle.textContent = t(this.running ? "js.lessons.stop" : "js.lessons.start");
    this.#toggle.classList.toggle("primary", !this.running);
    this.#root.toggleAttribute("data-running", this.running);
    const { requests, received, sent, head, body, bytesPerMessage: each, delay } = this.meter;
    const about = this.estimated ? "≈ " : "";
    const values = {
      requests: requests.toLocaleString(lang),
      messages: `↓${received.toLocaleString(lang)}${sent ? ` ↑${sent.toLocaleString(lang)}` : ""}`,
      head: about + bytesText(head, lang),
      body: bytesText(body, lang),
      each: each === undefined ? "–" : about + bytesText(Math.round(each), lang),
      delay: delay === undefined ? "–" : t("js.lessons.ms", { ms: Math.round(delay).toLocaleString(lang) }),
    };
    for (const [name, text] of Object.entries(values)) {
      const element = part(this.#root, name);
      if (element) element.textContent = text;
    }
    this.#onChange();
  }
}

/** One lesson on the page: its button, what passes, and what that has cost. */

import { part } from "../parts.js";
import { lang, problemText, t } from "../texts.js";
import { Ladder } from "./ladder.js";
import { Meter } from "./meter.js";
import { Passages } from "./passages.js";
import { bytesText } from "./passage.js";

/** So long after a request without a word of its server, it has most likely not gone out. */
const WAITS_MS = 3000;

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
  #waits = 0;
  /** It runs, but not while nobody can see it: in HTTP/1.1 a browser has six connections for all tabs of a server. */
  #paused = false;

  meter = new Meter();
  running = false;
  /** One of its values is estimated. */
  estimated = false;

  /**
   * @param {HTMLElement} root
   * @param {(listener: LaneListener, reply: () => string) => Program} make
   * @param {() => Settings} settings to start with
   * @param {() => void} onChange something has passed, or it was started or stopped
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
    document.addEventListener("visibilitychange", () => this.#turn());
    this.#show();
  }

  get lesson() {
    return this.#root.dataset.lesson ?? "";
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.#turn();
    this.#show();
  }

  stop() {
    if (!this.running) return;
    this.running = false;
    this.#end("");
    this.#show();
  }

  /** Begin anew with settings that have changed, if it runs. */
  restart() {
    if (!this.running || this.#paused) return;
    this.#program.stop();
    this.#begin();
  }

  /** Run or pause, if it is to run. */
  #turn() {
    if (!this.running) return;
    this.#paused = document.visibilityState === "hidden";
    if (this.#paused) this.#end(t("js.lessons.paused"));
    else this.#begin();
  }

  #begin() {
    this.#tell("");
    this.#await();
    this.#ladder.run(true);
    this.#program.start(this.#settings());
  }

  /** @param {string} why */
  #end(why) {
    this.#program.stop();
    this.#ladder.run(false);
    this.#tell(why);
  }

  /**
   * From now on the server should be heard soon.
   * @param {number} [held_ms] as long as it may let the browser wait
   */
  #await(held_ms = 0) {
    clearTimeout(this.#waits);
    this.#waits = setTimeout(() => this.#tell(t("js.lessons.waits")), WAITS_MS + held_ms);
  }

  /** @param {string} text what the matter is; empty: nothing */
  #tell(text) {
    clearTimeout(this.#waits);
    this.#trouble.textContent = text;
  }

  /** Forget what has passed. */
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
        if (!passage.up) this.#tell("");
        else if (passage.what === "request") this.#await(passage.held_ms);
        this.estimated ||= passage.estimated ?? false;
        this.meter.add(passage);
        this.#ladder.add(passage);
        this.#passages?.add(passage);
        this.#show();
      },
      onKnown: (passage) => {
        this.meter.know(performance.now(), passage.head ?? 0);
        this.#passages?.update(passage);
        this.#show();
      },
      onOpen: (open) => this.#ladder.hold(open),
      onTrouble: (problem) => {
        this.#tell(problem ? problemText(problem) : t("js.lessons.out_of_reach"));
      },
      onRefused: (problem) => {
        this.stop();
        this.#tell(t(`js.error.${problem.error}`));
      },
    };
  }

  #show() {
    this.#toggle.textContent = t(this.running ? "js.lessons.stop" : "js.lessons.start");
    this.#toggle.classList.toggle("primary", !this.running);
    this.#root.toggleAttribute("data-running", this.running);
    const { requests, received, sent, head, body, bytesPerMessage: each, delay } = this.meter;
    const about = this.estimated ? "≈ " : "";
    const told = {
      requests: requests.toLocaleString(lang),
      messages: `↓${received.toLocaleString(lang)}${sent ? ` ↑${sent.toLocaleString(lang)}` : ""}`,
      head: about + bytesText(head, lang),
      body: bytesText(body, lang),
      each: each === undefined ? "–" : about + bytesText(Math.round(each), lang),
      delay: delay === undefined ? "–" : t("js.lessons.ms", { ms: Math.round(delay).toLocaleString(lang) }),
    };
    for (const [name, text] of Object.entries(told)) {
      const element = part(this.#root, name);
      if (element) element.textContent = text;
    }
    this.#onChange();
  }
}

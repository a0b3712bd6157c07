/** #typing: who is writing just now. */

import { byId } from "../parts.js";
import { t } from "../texts.js";
import { Typists } from "./typists.js";

/** As many as are named; of more it is only said that there are several. */
const NAMED = 3;

export class Typing {
  #line = byId("typing");
  #typists = new Typists();
  #timer = 0;

  /** @param {string} user who writes */
  wrote(user) {
    this.#typists.wrote(user, performance.now());
    this.#show();
  }

  /** @param {string} [user] who has said it, or is gone */
  stopped(user) {
    if (user === undefined) return;
    this.#typists.stopped(user);
    this.#show();
  }

  #show() {
    const now = performance.now();
    const users = this.#typists.at(now);
    clearTimeout(this.#timer);
    if (users.length) this.#timer = setTimeout(() => this.#show(), this.#typists.nextEnd - now);
    this.#line.textContent = sentence(users);
  }
}

/** @param {string[]} users */
function sentence(users) {
  if (users.length === 0) return "";
  return users.length > NAMED ? t("js.typing.several") : t("js.typing.named", { users: users.join(", ") });
}

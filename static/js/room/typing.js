/** #typing: shows who is typing. */

import { byId } from "../parts.js";
import { t } from "../texts.js";
import { calledInText } from "../who.js";
import { Typists } from "./typists.js";

/** If more are typing, they are not named. */
const MAX_NAMED = 3;

export class Typing {
  #line = byId("typing");
  #typists = new Typists();
  #timer = 0;

  /** @param {string} user */
  wrote(user) {
    this.#typists.wrote(user, performance.now());
    this.#show();
  }

  /** @param {string} [user] who has sent the message or left */
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
  return users.length > MAX_NAMED ? t("js.typing.several") : t("js.typing.named", { users: users.map(calledInText).join(", ") });
}

/** Sends what is written in the composer, to everybody or as a whisper, and does what it commands. */

import { allows } from "../allowed.js";
import { Later } from "../later.js";
import { t } from "../texts.js";
import { callings, nameOf } from "../who.js";
import { commandsFor, namedForWhisper, read } from "./commands.js";
import { tooLong } from "./composer.js";

export class Speech {
  #others;
  #recipient;
  #reply;
  #letters;
  #house;
  /** @type {import("./composer.js").Composer | undefined} */
  #composer;

  /** What can be typed. */
  help;

  /**
   * @param {object} room
   * @param {() => string[]} room.others the colours of those who are there
   * @param {import("./recipient.js").Recipient} room.recipient
   * @param {import("./reply.js").Reply} room.reply
   * @param {import("./letters.js").Letters} room.letters
   * @param {import("./house.js").HouseSigns} room.house
   * @param {() => void} notLoaded the help is wanted and cannot be loaded
   */
  constructor({ others, recipient, reply, letters, house }, notLoaded) {
    this.#others = others;
    this.#recipient = recipient;
    this.#reply = reply;
    this.#letters = letters;
    this.#house = house;
    this.help = new Later(
      "help",
      () => import("./help.js"),
      (Help) => new Help(),
      notLoaded,
    );
  }

  /** @param {string} written @returns {string} what of it counts as the message */
  counted(written) {
    return read(written, this.#others(), callings).chat ?? "";
  }

  /**
   * @param {string} written
   * @returns {string | (() => void) | null} as the composer's `onChat`
   */
  say(written) {
    const recipient = this.#recipient;
    const { problem, command = "", help, code, chat = "", to = recipient.user } = read(written, this.#others(), callings);
    if (problem) return t(`js.command.${problem}`, { command });
    if (help) return () => this.#openHelp();
    if (code !== undefined) return () => this.#composer?.writeCode(code);
    const wrong = tooLong(chat);
    if (wrong) return wrong;
    if (to !== undefined && !allows("whispers")) return t("js.silence.whispers");
    const refusal = chat ? this.#house.refuse() : null;
    if (refusal !== null) return refusal;
    if (!chat) recipient.choose(to);
    else if (recipient.holds(to)) return "";
    else this.#letters.write({ chat, to, re: this.#reply.take(to) });
    return null;
  }

  /**
   * List the commands above the composer while one is being typed, and after `/w` the people.
   * @param {import("./composer.js").Composer} composer
   */
  complete(composer) {
    this.#composer = composer;
    composer.completion.add({
      label: t("js.command.label"),
      find: (before) => ({
        from: 0,
        items: commandsFor(before).filter(({ name }) => name !== "w" || allows("whispers")).map(({ name, text }) => ({ text, name: `/${name}`, hint: t(`js.command.${name}`) })),
      }),
      onPick: ({ text }, write) => {
        write(text.endsWith(" ") ? text : "");
        if (text === "/help") this.#openHelp();
        if (text === "/code") composer.writeCode("");
        composer.completion.update();
      },
    });
    composer.completion.add({
      label: t("js.command.people"),
      find: (before) => {
        const named = allows("whispers") ? namedForWhisper(before) : null;
        const meant = named === null ? [] : this.#others().filter((user) => isNamed(user, named));
        return { from: 0, items: meant.map((user) => ({ text: user, name: nameOf(user), user })) };
      },
      onPick: ({ text }, write) => {
        write("");
        this.#recipient.choose(text);
      },
    });
  }

  #openHelp() {
    this.help.use((help) => help.show());
  }
}

/**
 * @param {string} user
 * @param {string} begun in lower case
 */
function isNamed(user, begun) {
  return callings(user).some((one) => one.toLowerCase().includes(begun)) || user.startsWith(begun) || user.startsWith(`#${begun}`);
}

/** Offers people above the composer while a mention is being typed. */

import { t } from "../texts.js";
import { nameOf } from "../who.js";
import { begunMention, meantBy } from "./mention_query.js";
import { mentionOf } from "./mention_view.js";

/** More are not offered before another letter is typed. */
const MOST = 20;

/**
 * @param {import("./completion.js").Completion} completion
 * @param {() => string[]} others who can be mentioned
 */
export default function completeMentions(completion, others) {
  completion.add({
    label: t("js.mention.label"),
    find(before) {
      const begun = begunMention(before);
      if (!begun) return null;
      const people = others().map((user) => ({ user, name: nameOf(user) }));
      const items = meantBy(people, begun.named).slice(0, MOST);
      return { from: begun.from, items: items.map(({ user, name }) => ({ text: `${mentionOf(user)} `, name, user })) };
    },
  });
  completion.update();
}

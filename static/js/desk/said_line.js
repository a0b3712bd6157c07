/** What somebody said, in a line: the text, or a still of the picture. */

import { part } from "../parts.js";
import { t } from "../texts.js";

/**
 * @param {HTMLElement} line with a `text` and a `still`
 * @param {{chat?: string, gif?: string, poster?: string, deleted?: string, event?: string, round?: {question: string}}} said
 */
export function showSaid(line, { chat, gif, poster, deleted, round }) {
  const still = /** @type {HTMLImageElement} */ (part(line, "still"));
  still.hidden = !gif || Boolean(deleted);
  if (still.hidden) still.removeAttribute("src");
  else still.src = `/gif/${poster ?? gif}`;
  const text = part(line, "text");
  const picture = gif && !still.alt ? t("js.desk.picture") : "";
  text.textContent = deleted ? t("js.desk.deleted") : (chat ?? round?.question ?? picture);
  text.hidden = !text.textContent;
  text.classList.toggle("hint", Boolean(deleted) || (chat === undefined && round === undefined));
}

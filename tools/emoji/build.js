/**
 * `node tools/emoji/build.js`: reduce emojibase-data to what the picker of reactions shows, in static/emoji/.
 *
 * A file for each language: `{"groups": [TEXT…]}`, in Unicode's order. A group's text has a line for each emoji, of fields
 * between tabs: the emoji, with a "*" if it comes in five skin tones; the version of Emoji it came with; its name; its
 * other words. The skin tones are not listed, because they follow from the emoji (static/js/room/emoji/catalogue.js). gzip and
 * Brotli copies are beside each file.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { TONES, toned } from "../../static/js/room/emoji/catalogue.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUT = `${ROOT}static/emoji`;

/** In emojibase, the group of what is only part of emoji: skin tones and hair. */
const COMPONENTS = 2;

/**
 * @typedef {object} Entry of emojibase
 * @property {string} emoji
 * @property {string} label
 * @property {string[]} [tags]
 * @property {number} [group] absent for what is no emoji by itself
 * @property {number} order
 * @property {number} version
 * @property {Entry[]} [skins]
 */

mkdirSync(OUT, { recursive: true });
for (const lang of ["ko", "en"]) {
  /** @type {Entry[]} */
  const entries = JSON.parse(readFileSync(`${ROOT}node_modules/emojibase-data/${lang}/data.json`, "utf8"));
  const offered = entries.filter(({ group }) => group !== undefined && group !== COMPONENTS);
  /** @type {string[][]} */
  const groups = [];
  for (const entry of offered.sort((one, other) => one.order - other.order)) {
    const group = /** @type {number} */ (entry.group);
    groups[group] ??= [];
    groups[group].push(lineOf(entry));
  }
  const content = JSON.stringify({ groups: groups.filter(Boolean).map((lines) => lines.join("\n")) });
  const file = `${OUT}/${lang}.json`;
  writeFileSync(file, content);
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}

/** @param {Entry} entry */
function lineOf({ emoji, label, tags = [], version, skins = [] }) {
  const plain = fullyQualified(emoji);
  const made = new Set(skins.map((skin) => fullyQualified(skin.emoji)));
  const tones = made.size > 0 && TONES.every((tone) => made.has(toned(plain, tone)));
  const words = new Set(tags.join(" ").toLowerCase().split(" "));
  for (const word of label.toLowerCase().split(/[ :]+/)) words.delete(word);
  return [`${plain}${tones ? "*" : ""}`, version, label, [...words].join(" ")].join("\t");
}

/**
 * @param {string} emoji with a U+FE0F after each character that may have one, as emojibase writes them
 * @returns {string} with those that Unicode's RGI set has: not after what is shown as an emoji anyway
 */
function fullyQualified(emoji) {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");
}

/** What is typed of a mention, and whom it may become. Pure. */

import { tidy, wordRank } from "../choseong.js";

/** A longer text after an `@` is none that is being typed. */
const LONGEST = 30;
const BEGUN = /(?<![\w.+-])@([^@\n]*)$/;

/**
 * @param {string} before the text before the caret
 * @returns {{from: number, named: string} | null} where the mention begins that is being typed, and what follows its `@`
 */
export function begunMention(before) {
  const start = Math.max(0, before.length - LONGEST - 2);
  const begun = BEGUN.exec(before.slice(start));
  if (!begun || begun[1].length > LONGEST || /^\s/.test(begun[1])) return null;
  return { from: start + begun.index, named: begun[1] };
}

/**
 * @template {{user: string, name: string}} Person
 * @param {Person[]} people
 * @param {string} named some of a name or a colour: its beginning, initial consonants, a later word
 * @returns {Person[]} whom it may mean, best first; nobody once a whole name is written and a space after it
 */
export function meantBy(people, named) {
  if (!tidy(named)) return people;
  const ranked = people.flatMap((person) => {
    const rank = rankOf(person, named);
    return rank === null ? [] : [{ person, rank }];
  });
  if (/\s$/.test(named) && ranked.some(({ rank }) => rank === 0)) return [];
  return ranked.sort((a, b) => a.rank - b.rank).map(({ person }) => person);
}

/**
 * @param {{user: string, name: string}} person
 * @param {string} named
 */
function rankOf({ user, name }, named) {
  const typed = tidy(named);
  const words = name.split(/\s+/);
  const [whole, ...ends] = words.map((_, at) => tidy(words.slice(at).join("")));
  const rank = wordRank(typed, whole);
  if (rank !== null) return rank;
  if (ends.some((end) => wordRank(typed, end) !== null)) return 2;
  const colour = named.trim().toLowerCase();
  return user.startsWith(colour) || user.startsWith(`#${colour}`) ? 3 : null;
}

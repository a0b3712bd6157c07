/**
 * Finds Korean words by part of their spelling: their syllables, the syllables' initial consonants (초성: ㅊㅋ for 추카),
 * and what an input method shows in between, such as 춬 on the way to 추카 or 축ㅎ on the way to 축하.
 */

// The Unicode Standard, 3.12: a syllable is U+AC00 + (initial × 21 + vowel) × 28 + final.
const FIRST = 0xac00;
const LAST = 0xd7a3;

const INITIALS = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"];
const VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ".split(" ");
const FINALS = " ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ".split(" ");

/** What an input method makes of two consonants in a row, although initial consonants were meant. */
const CLUSTERS = new Map(
  Object.entries({ ㄳ: "ㄱㅅ", ㄵ: "ㄴㅈ", ㄶ: "ㄴㅎ", ㄺ: "ㄹㄱ", ㄻ: "ㄹㅁ", ㄼ: "ㄹㅂ", ㄽ: "ㄹㅅ", ㄾ: "ㄹㅌ", ㄿ: "ㄹㅍ", ㅀ: "ㄹㅎ", ㅄ: "ㅂㅅ" }),
);

const PLAIN = new Map(Object.entries({ ㄲ: "ㄱ", ㄸ: "ㄷ", ㅃ: "ㅂ", ㅆ: "ㅅ", ㅉ: "ㅈ" }));

/**
 * Normalize a query: composed, lower case, without spaces, and with repetitions cut to two (ㅋㅋ).
 * @param {string} typed
 */
export function tidy(typed) {
  const composed = typed.normalize("NFC").toLowerCase().replace(/\s/g, "");
  const apart = [...composed].map((letter) => CLUSTERS.get(letter) ?? letter).join("");
  return apart.replace(/(.)\1{2,}/gu, "$1$1");
}

/**
 * How well a word matches what is typed.
 * @param {string} typed tidy, not empty
 * @param {string} word in lower case
 * @returns {0 | 1 | 2 | null} 0: the whole word; 1: the word's beginning; 2: inside a Korean word; null: no match
 */
export function wordRank(typed, word) {
  if (typed === word) return 0;
  const wanted = [...typed];
  const letters = [...word];
  if (begins(wanted, letters)) return 1;
  return letters.some((letter, index) => isSyllable(letter) && begins(wanted, letters.slice(index))) ? 2 : null;
}

/**
 * @param {string[]} wanted
 * @param {string[]} letters
 * @returns {boolean}
 */
function begins(wanted, letters) {
  const [first, ...rest] = wanted;
  const [letter, ...further] = letters;
  if (first === undefined) return true;
  if (letter === undefined) return false;
  if (first === letter) return begins(rest, further);
  if (isSyllable(first)) {
    // The last syllable may be unfinished: its final consonant may become the next initial, its vowel a diphthong.
    if (rest.length === 0) return keys(letters).startsWith(keys([first]));
    return keys([letter]).startsWith(keys([first])) && begins(rest, further);
  }
  if (!isSyllable(letter)) return false;
  const initial = INITIALS[Math.floor((code(letter) - FIRST) / (21 * 28))];
  // ㄱ also stands for ㄲ, which is harder to type, and ㄲ for ㄱㄱ, from which some keyboards compose it.
  if (first === initial || first === PLAIN.get(initial)) return begins(rest, further);
  const plain = PLAIN.get(first);
  return plain !== undefined && begins([plain, plain, ...rest], letters);
}

/**
 * The keys that are pressed to type it.
 * @param {string[]} letters
 */
function keys(letters) {
  return letters.map((letter) => (isSyllable(letter) ? decomposed(code(letter) - FIRST) : letter)).join("");
}

/** @param {number} index of a syllable */
function decomposed(index) {
  const initial = INITIALS[Math.floor(index / (21 * 28))];
  return initial + VOWELS[Math.floor(index / 28) % 21] + FINALS[index % 28];
}

/** @param {string} letter */
function isSyllable(letter) {
  return code(letter) >= FIRST && code(letter) <= LAST;
}

/** @param {string} letter */
function code(letter) {
  return letter.codePointAt(0) ?? 0;
}

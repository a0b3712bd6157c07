/** What people are called on the pages in the other language: it depends on their readers, who mention each other. */

import { fetchFragment } from "../fragments.js";
import { lang } from "../texts.js";
import { handleOf } from "../who.js";

/** @type {Record<string, string> | null} */
let words = null;

/** Fetch the words of the other language. Without them, mentions in it are not recognized. */
export async function learnOtherWords() {
  const template = document.createElement("template");
  template.innerHTML = await fetchFragment("words", lang === "ko" ? "en" : "ko");
  words = JSON.parse(template.content.querySelector("[data-texts]")?.textContent ?? "{}");
}

/** @param {string} user @returns {string} their handle there; empty while its words are not known */
export function otherHandleOf(user) {
  const known = words;
  return known ? handleOf(user, (key) => known[key] ?? "") : "";
}

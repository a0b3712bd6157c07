/** The scripts' texts in the page's language: the catalogue's `js.` keys, from the page or its fragments. */

/** @typedef {import("./wire.js").Problem} Problem */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

/** @param {Record<string, string>} more */
export function addTexts(more) {
  Object.assign(texts, more);
}

export const lang = document.documentElement.lang || "ko";

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] fills `{name}`
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}

/**
 * A refusal's text for people. The server's messages are always Korean; other languages look up the error code.
 * @param {Problem} problem
 */
export function problemText(problem) {
  if (lang === "ko") return problem.message ?? t("js.error.internal");
  const key = `js.error.${problem.error}`;
  const exact = `${key}.${problem.reason}`;
  if (exact in texts) return t(exact, { limit: problem.limit ?? "" });
  return texts[key] ?? problem.message ?? t("js.error.internal");
}

/** What the scripts say, in the page's language: the catalogue's `js.` keys, laid into the page by the server. */

/** @typedef {import("./wire.js").Problem} Problem */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent || "{}");

export const lang = document.documentElement.lang || "ko";

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] fills `{name}`
 */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}

/**
 * A refusal as people read it. The server's messages are Korean always; other languages go by the code.
 * @param {Problem} problem
 */
export function problemText(problem) {
  if (lang === "ko") return problem.message ?? t("js.error.internal");
  const key = `js.error.${problem.error}`;
  const exact = `${key}.${problem.reason}`;
  if (exact in texts) return t(exact, { limit: problem.limit ?? "" });
  return texts[key] ?? problem.message ?? t("js.error.internal");
}

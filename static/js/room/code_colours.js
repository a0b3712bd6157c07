/** Has code coloured, in the languages of the course. What colours it is loaded with the first such code. */

/** Those languages by what people call them. */
const LANGUAGES = new Map(
  Object.entries({
    javascript: "js javascript jsx mjs cjs node nodejs",
    typescript: "ts typescript tsx",
    xml: "html xml svg ejs",
    css: "css",
    json: "json",
    python: "py python python3",
    sql: "sql mysql sqlite",
    bash: "bash sh shell zsh",
  }).flatMap(([language, names]) => names.split(" ").map((name) => [name, language])),
);

/** @type {Promise<typeof import("./highlight.js")> | null} */
let loading = null;

/**
 * @param {HTMLElement} code
 * @param {string} name of its language, as it was written; of others, the code stays as it is
 */
export async function colour(code, name) {
  const language = LANGUAGES.get(name);
  if (language === undefined) return;
  loading ??= import("./highlight.js");
  try {
    (await loading).default(code, language);
  } catch {
    loading = null; // offline; the code can be read without colours
  }
}

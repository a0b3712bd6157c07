/**
 * Has code coloured, in the languages of the course. What colours it is loaded with the first such code.
 *
 * One block at a time, when the browser has nothing else to do: a long or odd one takes as long as several lines.
 */

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

const AT_LATEST_MS = 1000;

/** @type {{code: HTMLElement, language: string}[]} the latest last */
let waiting = [];
let busy = false;

/**
 * @param {HTMLElement} code which will be on the page
 * @param {string} name of its language, as it was written; of others, the code stays as it is
 */
export function colour(code, name) {
  const language = LANGUAGES.get(name);
  if (language === undefined) return;
  waiting.push({ code, language });
  if (!busy) colourAll();
}

async function colourAll() {
  busy = true;
  try {
    const { default: highlight } = await import("./highlight.js");
    await idle();
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (!next.code.isConnected) continue; // its line is gone
      highlight(next.code, next.language);
      await idle();
    }
  } catch {
    waiting = []; // offline; the code can be read without colours
  }
  busy = false;
}

/** @returns {Promise<unknown>} */
function idle() {
  return new Promise((done) => {
    if ("requestIdleCallback" in window) requestIdleCallback(done, { timeout: AT_LATEST_MS });
    else setTimeout(done);
  });
}

/** Splits a short program into tokens for highlighting: comments, strings, keywords, numbers. Pure. */

const KEYWORDS = {
  js: "async await break const continue else false for function if import in let new null of return true try while",
  py: "and as assert async await break class def else except False finally for from if import in is lambda None not or pass raise return self True try while with yield",
};

const COMMENT = { js: String.raw`\/\/.*|\/\*[\s\S]*?\*\/`, py: "#.*" };

const TEXT = {
  js: String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${"`"}(?:\\.|[^${"`"}\\])*${"`"}`,
  py: String.raw`[rbf]?(?:"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
};

/**
 * @param {string} code
 * @param {"js" | "py"} language
 * @returns {{text: string, kind: "" | "comment" | "text" | "keyword" | "number"}[]}
 */
export function tokens(code, language) {
  const keywords = KEYWORDS[language].split(" ").join("|");
  const pattern = new RegExp(
    `(?<comment>${COMMENT[language]})|(?<text>${TEXT[language]})|\\b(?<keyword>${keywords})\\b|\\b(?<number>\\d[\\d_.]*)\\b`,
    "g",
  );
  /** @type {ReturnType<typeof tokens>} */
  const found = [];
  let at = 0;
  for (const match of code.matchAll(pattern)) {
    if (match.index > at) found.push({ text: code.slice(at, match.index), kind: "" });
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [""];
    found.push({ text: match[0], kind: /** @type {"comment" | "text" | "keyword" | "number"} */ (kind) });
    at = match.index + match[0].length;
  }
  if (at < code.length) found.push({ text: code.slice(at), kind: "" });
  return found;
}

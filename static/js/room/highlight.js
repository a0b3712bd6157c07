/**
 * Colours code, by highlight.js. Loaded when there is code in one of its languages (code_colours.js).
 *
 * The files are those of highlight.js's own build for browsers, so that they also work without a bundle.
 */

import core from "/highlight/core.min.js";
import bash from "/highlight/languages/bash.min.js";
import css from "/highlight/languages/css.min.js";
import javascript from "/highlight/languages/javascript.min.js";
import json from "/highlight/languages/json.min.js";
import python from "/highlight/languages/python.min.js";
import sql from "/highlight/languages/sql.min.js";
import typescript from "/highlight/languages/typescript.min.js";
import xml from "/highlight/languages/xml.min.js";

/** @typedef {import("/highlight/core.min.js").Tree} Tree */

const GRAMMARS = { bash, css, javascript, json, python, sql, typescript, xml };
for (const [name, grammar] of Object.entries(GRAMMARS)) core.registerLanguage(name, grammar);

/** What its scopes look like: those that are not listed as the code around them, "subst" as code in a string. */
const KINDS = new Map(
  Object.entries({
    comment: "comment quote",
    keyword: "keyword name selector-tag",
    string: "string regexp char",
    value: "number literal symbol",
    title: "title built_in type",
    name: "attr attribute property variable template-variable selector-class selector-id selector-pseudo meta",
    "": "subst",
  }).flatMap(([kind, scopes]) => scopes.split(" ").map((scope) => [scope, kind])),
);

/**
 * @param {string} code
 * @param {string} language one of GRAMMARS
 * @returns {{kind: string, text: string}[]} in order; together they are the code
 */
export function codeTokens(code, language) {
  /** @type {{kind: string, text: string}[]} */
  const found = [];
  /** @type {(tree: Tree, around: string) => void} */
  const walk = ({ scope = "", children }, around) => {
    const kind = KINDS.get(scope.split(".")[0]) ?? around;
    for (const child of children) {
      if (typeof child !== "string") walk(child, kind);
      else if (found.at(-1)?.kind === kind) found[found.length - 1].text += child;
      else found.push({ kind, text: child });
    }
  };
  // Its tree, which it makes HTML of otherwise. Not a documented name, but lowlight and others build on the same tree.
  walk(core.highlight(code, { language })._emitter.root, "");
  return found;
}

/**
 * @param {HTMLElement} element with code
 * @param {string} language one of GRAMMARS
 */
export default function highlight(element, language) {
  const drawn = codeTokens(element.textContent ?? "", language).map(({ kind, text }) => {
    if (!kind) return document.createTextNode(text);
    const token = document.createElement("span");
    token.className = `code-${kind}`;
    token.textContent = text;
    return token;
  });
  element.replaceChildren(...drawn);
}

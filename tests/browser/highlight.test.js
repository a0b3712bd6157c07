// The colours of code. Run by test_models.py.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code, in strings

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { register } from "node:module";
import test from "node:test";

import { contrast } from "../../static/js/faces/colour.js";

const root = new URL("../../", import.meta.url);

// The addresses under which the server and the bundle have highlight.js.
register(
  `data:text/javascript,${encodeURIComponent(`
    const folder = ${JSON.stringify(new URL("node_modules/@highlightjs/cdn-assets/es/", root).href)};
    export const resolve = (name, context, next) => next(name.replace(/^[/]highlight[/]/, folder), context);
  `)}`,
);
const { codeTokens } = await import("../../static/js/room/highlight.js");

// For each language some code, and some of its tokens by their kind.
const CODE = {
  javascript: [
    "// 하나\nconst app = `<p>${req.name ?? 1}</p>`;\nif (/a+/.test(x)) return null;",
    { comment: "// 하나", keyword: "const", string: "`<p>", value: "null" },
  ],
  typescript: ["interface User { name?: string }", { keyword: "interface", title: "User", name: "name" }],
  xml: ['<!-- 둘 --><p class="a">b</p><script>let c;</script>', { comment: "<!-- 둘 -->", string: '"a"', keyword: "let" }],
  css: [".chat:hover { color: #f00; }", { name: ".chat:hover", value: "#f00" }],
  json: ['{"a": [1, true, "b"]}', { name: '"a"', value: "1", string: '"b"' }],
  python: ['def f():\n    """It\'s"""\n    return None # x', { keyword: "def", string: '"""It\'s"""', comment: "# x" }],
  sql: ["SELECT a FROM b WHERE c = '김' -- x", { keyword: "SELECT", string: "'김'", comment: "-- x" }],
  bash: ['for f in *; do echo "$f"; done # x', { keyword: "for", name: "$f", comment: "# x" }],
};

for (const [language, [code, kinds]] of Object.entries(CODE)) {
  test(`${language} is divided into tokens that together are the code`, () => {
    const found = codeTokens(code, language);
    assert.equal(found.map(({ text }) => text).join(""), code);
    for (const [kind, text] of Object.entries(kinds)) {
      assert.ok(found.some((token) => token.kind === kind && token.text === text), `${kind} ${text} in ${JSON.stringify(found)}`);
    }
  });
}

test("code within a string is no string, and broken code is code", () => {
  assert.deepEqual(codeTokens("`${a}`", "javascript"), [
    { kind: "string", text: "`" },
    { kind: "", text: "${a}" },
    { kind: "string", text: "`" },
  ]);
  for (const language of Object.keys(CODE)) {
    for (const code of ["", "{{{ ((( `` </ <a b='", "\ud83d 한글 \u0000", '"'.repeat(2000)]) {
      assert.equal(codeTokens(code, language).map(({ text }) => text).join(""), code);
    }
  }
});

test("tokens have a contrast of 4.5:1 in both themes", () => {
  const read = (/** @type {string} */ name) => readFileSync(new URL(`static/css/${name}.css`, root), "utf8");
  const values = new Map(
    [...read("tokens").matchAll(/--([\w-]+): var\(--light, (#\w{6})\) var\(--dark, (#\w{6})\)/g)].map((found) => [found[1], found.slice(2)]),
  );
  const used = [...read("text").matchAll(/\.code-(?:comment|keyword|string|value|title|name) \{ color: var\(--([\w-]+)\)/g)];
  assert.equal(used.length, 6);
  for (const [, name] of [...used, [null, "ink"], [null, "accent"]]) {
    for (const theme of [0, 1]) {
      const measured = contrast(values.get(name)[theme], values.get("code")[theme]);
      assert.ok(measured >= 4.5, `${name}: ${measured.toFixed(2)}`);
    }
  }
});

/**
 * `node tools/bundle/build.js`: bundle the modules and styles of static/ into static/bundle/.
 *
 * Each page gets one script and one style sheet; parts that it loads later get a script each (parts.js). Every file also
 * has gzip and Brotli copies, so the server need not compress them, and scripts have source maps that include the
 * sources. manifest.json maps sources to files and has the sources' fingerprint, so that an outdated bundle is not
 * served.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { buildScripts } from "./parts.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STATIC = `${ROOT}static`;
const OUT = `${STATIC}/bundle`;

/** Supported by browsers of the last four years. */
const TARGET = ["es2022", "chrome109", "firefox115", "safari16"];

const PAGES = ["desk", "join", "lessons", "lobby", "new_room", "room", "screen", "seats"];

const sources = fingerprint(["css", "js"]);
const common = { bundle: true, minify: true, charset: "utf8", target: TARGET, sourcemap: "linked", write: false, metafile: true, absWorkingDir: ROOT };

/** @type {Record<string, string>} source → file, both under static/ */
const files = {};

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
for (const page of PAGES) {
  const built = await buildScripts(`${STATIC}/js/${page}.js`, (name) => `${OUT}/${name}-${sources}.js`, common);
  for (const outputFiles of built) keep(outputFiles);
  files[`js/${page}.js`] = `bundle/${page}-${sources}.js`;
}
for (const name of readdirSync(`${STATIC}/css/pages`).sort()) {
  const file = `bundle/${name.replace(".css", `-${sources}.css`)}`;
  const { outputFiles } = await build({ ...common, entryPoints: [`${STATIC}/css/pages/${name}`], outfile: `${STATIC}/${file}` });
  keep(outputFiles);
  files[`css/pages/${name}`] = file;
}
writeFileSync(`${OUT}/manifest.json`, `${JSON.stringify({ sources, files }, null, 2)}\n`);

/** @param {import("esbuild").OutputFile[]} outputFiles to write */
function keep(outputFiles) {
  for (const { path, contents } of outputFiles) {
    writeFileSync(path, contents);
    if (path.endsWith(".map")) continue; // only developer tools request it
    writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  }
}

/**
 * The same fingerprint as that of handlers/resources.py.
 * @param {string[]} folders in static/
 */
function fingerprint(folders) {
  const digest = createHash("sha256");
  for (const folder of folders) {
    const names = readdirSync(`${STATIC}/${folder}`, { recursive: true }).map((name) => `${folder}/${name}`);
    const files = names.filter((name) => statSync(`${STATIC}/${name}`).isFile());
    const relative = files.map((name) => name.replaceAll("\\", "/"));
    for (const path of relative.sort()) {
      const content = readFileSync(`${STATIC}/${path}`);
      digest.update(`${path}\0${content.length}\0`).update(content);
    }
  }
  return digest.digest("hex").slice(0, 12);
}

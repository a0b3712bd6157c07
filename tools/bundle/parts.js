/**
 * A page's script, and one for each part that it loads later with `import("…")`.
 *
 * A part imports the modules that are in the page's script from there. esbuild's own splitting would put shared modules
 * into separate files, so that a page would have ten scripts instead of one.
 */

import { basename, dirname, relative } from "node:path";
import { build } from "esbuild";

/**
 * @typedef {import("esbuild").BuildOptions} BuildOptions
 * @typedef {import("esbuild").OutputFile} OutputFile
 * @typedef {import("esbuild").Plugin} Plugin
 *
 * @typedef {Map<string, string[]>} Taken the names that parts import from the page, by module
 */

/**
 * @param {string} page its module
 * @param {(name: string) => string} fileOf the file that a script of this name goes into
 * @param {BuildOptions} options
 * @returns {Promise<OutputFile[][]>} the page's files, then each part's
 */
export async function buildScripts(page, fileOf, options) {
  const name = basename(page, ".js");
  /** @type {Map<string, string>} module → its file */
  const parts = new Map();
  const apart = later(parts, (part) => fileOf(`${name}.${basename(part, ".js")}`));
  const script = { ...options, format: "esm", outfile: fileOf(name) };

  const alone = await build({ ...script, entryPoints: [page], plugins: [packages, apart] });
  if (!parts.size) return [alone.outputFiles];

  const own = new Set(Object.keys(alone.metafile.inputs));
  /** @type {Taken} */
  const taken = new Map();
  const built = [];
  for (const [part, outfile] of parts) {
    const plugins = [packages, fromPage(own, taken, fileOf(name), options)];
    built.push((await build({ ...script, entryPoints: [part], outfile, plugins })).outputFiles);
  }
  const contents = [`import "./${basename(page)}";`];
  for (const [module, exports] of taken) {
    const pairs = exports.map((exported) => `${exported} as ${inPage(module, exported)}`);
    contents.push(`export { ${pairs.join(", ")} } from "./${relative(dirname(page), module)}";`);
  }
  const stdin = { contents: contents.join("\n"), resolveDir: dirname(page), sourcefile: "parts" };
  return [(await build({ ...script, stdin, plugins: [packages, apart] })).outputFiles, ...built];
}

/**
 * Resolves what the modules import by its URL to its package: the Socket.IO client and highlight.js.
 * @type {Plugin}
 */
const packages = {
  name: "packages",
  setup({ onLoad, onResolve, resolve, initialOptions }) {
    onResolve({ filter: /^\/(socket\.io|highlight)\// }, ({ path, kind }) => {
      const name = path.startsWith("/socket.io/") ? "socket.io-client" : path.replace("/highlight", "@highlightjs/cdn-assets/es");
      return resolve(name, { kind, resolveDir: initialOptions.absWorkingDir });
    });
    // The client leaves out the transports that are not there. The server never offers WebTransport.
    onLoad({ filter: /engine\.io-client.build.esm.transports.webtransport\.js$/ }, () => ({
      contents: "export const WT = undefined;",
    }));
    // Nothing that the pages send or receive is binary.
    onLoad({ filter: /socket\.io-parser.build.esm.is-binary\.js$/ }, () => ({
      contents: "export const isBinary = () => false; export const hasBinary = isBinary;",
    }));
    onLoad({ filter: /socket\.io-parser.build.esm.binary\.js$/ }, () => ({
      contents: "export const deconstructPacket = undefined; export const reconstructPacket = undefined;",
    }));
  },
};

/**
 * Excludes dynamically imported modules, and adds them to `parts`.
 * @param {Map<string, string>} parts
 * @param {(part: string) => string} fileOf
 * @returns {Plugin}
 */
function later(parts, fileOf) {
  return {
    name: "later",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^\./ }, async ({ path, kind, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const { path: part } = await resolve(path, { kind: "import-statement", resolveDir });
        parts.set(part, fileOf(part));
        return { path: `./${basename(fileOf(part))}`, external: true };
      });
    },
  };
}

/**
 * Lets a part import the page's modules from the page's script.
 * @param {Set<string>} own the page's modules, relative to the working directory
 * @param {Taken} taken
 * @param {string} pageFile
 * @param {BuildOptions} options
 * @returns {Plugin}
 */
function fromPage(own, taken, pageFile, options) {
  return {
    name: "from page",
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        if (!own.has(relative(options.absWorkingDir ?? "", path))) return undefined;
        if (!taken.has(path)) taken.set(path, await exportsOf(path));
        const pairs = (taken.get(path) ?? []).map((exported) => `${inPage(path, exported)} as ${exported}`);
        return { contents: `export { ${pairs.join(", ")} } from "page";` };
      });
      onResolve({ filter: /^page$/ }, () => ({ path: `./${basename(pageFile)}`, external: true }));
    },
  };
}

/**
 * @param {string} module
 * @returns {Promise<string[]>} the names it exports
 */
async function exportsOf(module) {
  const { metafile } = await build({ entryPoints: [module], write: false, metafile: true, format: "esm" });
  return Object.values(metafile.outputs)[0].exports;
}

/** @type {Map<string, string>} */
const short = new Map();

/**
 * @param {string} module
 * @param {string} exported
 * @returns {string} the name by which the page's script exports it: short, since all of them are in the first download
 */
function inPage(module, exported) {
  const name = `${module} ${exported}`;
  if (!short.has(name)) short.set(name, `_${short.size.toString(36)}`);
  return short.get(name) ?? "";
}

/** What highlight.js's build for browsers exports that we use (static/js/room/highlight.js). */

export interface Tree {
  scope?: string;
  children: (Tree | string)[];
}

declare const core: {
  registerLanguage(name: string, grammar: unknown): void;
  highlight(code: string, options: { language: string }): { _emitter: { root: Tree } };
};
export default core;

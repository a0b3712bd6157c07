/** A language of highlight.js's build for browsers. */
declare const grammar: unknown;
export default grammar;

/** Requests to our own server, in JSON, with its refusals as one kind of error. */

/** @typedef {import("./wire.js").Problem} Problem */

const PATIENCE_MS = 15_000;

/** An upload of which nothing has moved for so long will not end by itself. */
const STALLED_MS = 30_000;

/** The server said no, and why. Anything else that fails (no network, no time) is some other error. */
export class Refusal extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * @param {unknown} body what a refused request was answered with, if that could be read at all
 * @returns {Problem}
 */
export function problemOf(body) {
  const { error, message } = /** @type {Partial<Problem>} */ (body ?? {});
  return typeof error === "string" && typeof message === "string"
    ? /** @type {Problem} */ (body)
    : /** @type {Problem} */ ({ error: "internal" });
}

/**
 * What it means that a request was not granted. An answer above 500 without our words is a proxy's, whose server is
 * away: no answer of the server's, and no refusal.
 * @param {number} status
 * @param {unknown} body
 * @returns {Error}
 */
export function failureOf(status, body) {
  const problem = problemOf(body);
  return status > 500 && problem !== body ? new TypeError(`the server is away: ${status}`) : new Refusal(problem);
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} the answer's body
 * @throws {Refusal}
 */
async function request(path, init = {}) {
  const response = await fetch(path, {
    ...init,
    // One address answers with a page or with JSON, by Accept: the JSON must never be what "back" shows.
    cache: "no-store",
    headers: { ...init.headers, Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw failureOf(response.status, await response.json().catch(() => null));
  return response.json();
}

/** @param {string} path */
export const getJson = (path) => request(path);

/**
 * @param {string} path
 * @param {object} body
 */
export const postJson = (path, body) => requestWith("POST", path, body);

/**
 * @param {string} path
 * @param {object} body
 */
export const patchJson = (path, body) => requestWith("PATCH", path, body);

/** @param {string} path */
export const remove = (path) => request(path, { method: "DELETE" });

/**
 * @param {string} method
 * @param {string} path
 * @param {object} body
 */
function requestWith(method, path, body) {
  return request(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

/**
 * Send a form with files, telling how far it got.
 * @param {string} path
 * @param {FormData} form
 * @param {object} options
 * @param {(done: number) => void} options.onProgress from 0 to 1
 * @param {AbortSignal} options.signal breaks it off
 * @returns {Promise<any>} the answer's body
 * @throws {Refusal}
 */
export function upload(path, form, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    // Not fetch, which does not tell how much of a request has gone out.
    const xhr = new XMLHttpRequest();
    const breakOff = () => xhr.abort();
    const lost = () => reject(new TypeError("the upload did not get through"));
    let stalled = setTimeout(breakOff, STALLED_MS);
    xhr.open("POST", path);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.responseType = "json";
    xhr.upload.addEventListener("progress", (event) => {
      clearTimeout(stalled);
      stalled = setTimeout(breakOff, STALLED_MS);
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    xhr.addEventListener("load", () => {
      const granted = xhr.status >= 200 && xhr.status < 300;
      if (!granted) reject(failureOf(xhr.status, xhr.response));
      else if (xhr.response) resolve(xhr.response);
      else lost(); // cut short, or the page of a network that wants something first
    });
    for (const end of ["error", "abort"]) xhr.addEventListener(end, lost);
    xhr.addEventListener("loadend", () => clearTimeout(stalled));
    signal.addEventListener("abort", breakOff);
    xhr.send(form);
  });
}

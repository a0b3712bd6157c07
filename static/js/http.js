/** JSON requests to our own server. A refusal by the server is thrown as a `Refusal`. */

/** @typedef {import("./wire.js").Problem} Problem */

const TIMEOUT_MS = 15_000;

/** The server refused the request and said why. Other failures (no network, a timeout) are other errors. */
export class Refusal extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * @param {unknown} body of the error response, null if it could not be read
 * @returns {Problem}
 */
export function problemOf(body) {
  const { error, message } = /** @type {Partial<Problem>} */ (body ?? {});
  return typeof error === "string" && typeof message === "string"
    ? /** @type {Problem} */ (body)
    : /** @type {Problem} */ ({ error: "internal" });
}

/**
 * The error to throw for a failed request. A status above 500 without our JSON comes from a proxy that cannot reach
 * the server, so it is not a refusal.
 * @param {number} status
 * @param {unknown} body
 * @returns {Error}
 */
export function failureOf(status, body) {
  const problem = problemOf(body);
  return status > 500 && problem !== body ? new TypeError(`server unreachable: ${status}`) : new Refusal(problem);
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @throws {Refusal}
 */
async function respond(path, init = {}) {
  const response = await fetch(path, {
    ...init,
    // The same address serves a page or JSON, by Accept; "back" must never show the cached JSON.
    cache: "no-store",
    headers: { ...init.headers, Accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answered = response.ok || response.type === "opaqueredirect";
  if (!answered) throw failureOf(response.status, await response.json().catch(() => null));
  return response;
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} the response body
 * @throws {Refusal}
 */
async function request(path, init) {
  return (await respond(path, init)).json();
}

/** @param {string} path */
export const getJson = (path) => request(path);

/**
 * @param {string} path
 * @param {object} body
 */
export const postJson = (path, body) => requestWith("POST", path, body);

/**
 * Post where the answer is a redirect, which is not followed.
 * @param {string} path
 * @param {object} body
 * @throws {Refusal}
 */
export const postAndStay = (path, body) => respond(path, { ...withJson("POST", body), redirect: "manual" });

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
  return request(path, withJson(method, body));
}

/**
 * @param {string} method
 * @param {object} body
 * @returns {RequestInit}
 */
function withJson(method, body) {
  return { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

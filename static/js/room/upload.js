/** The request that sends an image, in the part of uploads.js. */

import { failureOf } from "../http.js";

/** An upload without progress for this long is aborted. */
const STALLED_MS = 30_000;

/**
 * Send a form with files, reporting progress.
 * @param {string} path
 * @param {FormData} form
 * @param {object} options
 * @param {(done: number) => void} options.onProgress from 0 to 1
 * @param {AbortSignal} options.signal
 * @returns {Promise<any>} the response body
 * @throws {Refusal}
 */
export function upload(path, form, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    // Not fetch, which does not report upload progress.
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    const fail = () => reject(new TypeError("the upload failed"));
    let stalled = setTimeout(abort, STALLED_MS);
    xhr.open("POST", path);
    xhr.setRequestHeader("Accept", "application/json");
    xhr.responseType = "json";
    xhr.upload.addEventListener("progress", (event) => {
      clearTimeout(stalled);
      stalled = setTimeout(abort, STALLED_MS);
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    xhr.addEventListener("load", () => {
      const ok = xhr.status >= 200 && xhr.status < 300;
      if (!ok) reject(failureOf(xhr.status, xhr.response));
      else if (xhr.response) resolve(xhr.response);
      else fail(); // truncated, or the page of a captive portal
    });
    for (const end of ["error", "abort"]) xhr.addEventListener(end, fail);
    xhr.addEventListener("loadend", () => clearTimeout(stalled));
    signal.addEventListener("abort", abort);
    xhr.send(form);
  });
}

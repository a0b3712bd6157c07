/** Converts between image names and addresses. Pure. */

/** Names of images that were sent; all others are on the shelf. */
const SENT = /^([a-z-]+-)?[0-9a-f]{32}\./;

const PATH = /^\/(?:gif\/((?:[a-z-]+-)?[0-9a-f]{32}\.[a-z]+)|static\/shelf\/([a-z-]+)\.(?:gif|poster\.webp))$/;

/** @param {string} name of an image that the server has, or of its still */
export function addressOf(name) {
  return `${SENT.test(name) ? "/gif/" : "/static/shelf/"}${encodeURIComponent(name)}`;
}

/**
 * @param {string} address
 * @param {string} page the address of this page
 * @returns {string | null} the image's name if it is on this server; null also for the still of a sent image
 */
export function fileNameOf(address, page) {
  try {
    const { origin, pathname } = new URL(address, page);
    if (origin !== new URL(page).origin) return null;
    const [, sent, shelf] = PATH.exec(pathname) ?? [];
    return sent ?? (shelf ? `${shelf}.gif` : null);
  } catch {
    return null; // not an address
  }
}

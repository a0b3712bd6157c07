const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * A file's size for people. Rounded up, so that a file over the limit never appears to be within it.
 * @param {number} size_bytes
 * @returns {string}
 */
export function sizeText(size_bytes) {
  if (size_bytes < MIB) return `${Math.ceil(size_bytes / KIB)} KiB`;
  return `${Math.ceil((size_bytes / MIB) * 10) / 10} MiB`;
}

/**
 * @param {number} limit_bytes
 * @returns {number} MiB, rounded down
 */
export function limitMib(limit_bytes) {
  return Math.floor((limit_bytes / MIB) * 10) / 10;
}

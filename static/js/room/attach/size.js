const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * A file's size, in the unit in which the limit is told. Never rounded down to a limit that it is over.
 * @param {number} size_bytes
 * @returns {string}
 */
export function sizeText(size_bytes) {
  if (size_bytes < MIB) return `${Math.ceil(size_bytes / KIB)} KiB`;
  return `${Math.ceil((size_bytes / MIB) * 10) / 10} MiB`;
}

/**
 * @param {number} limit_bytes
 * @returns {number} MiB, never more than it is
 */
export function limitMib(limit_bytes) {
  return Math.floor((limit_bytes / MIB) * 10) / 10;
}

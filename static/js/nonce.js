/**
 * An id that no other message of this visitor has: 32 characters of `0-9a-f`.
 *
 * Not `crypto.randomUUID`, which is missing on http:// pages other than localhost, where most people use this.
 */
export function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

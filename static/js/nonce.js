/**
 * A name no other message of this visitor has: 32 characters of `0-9a-f`.
 *
 * `crypto.randomUUID` is missing on plain http:// pages other than localhost, which is where most people open this.
 */
export function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

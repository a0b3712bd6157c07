/** The size of WebSocket's frame header. Pure. */

const MASK_BYTES = 4;

/**
 * The bytes of a WebSocket frame's header (RFC 6455, 5.2): two, and two or eight more for a length above 125 or 65,535;
 * "a client MUST mask all frames that it sends to the server" (5.1), with a key of four bytes.
 * @param {number} size of the message, bytes; not fragmented, not compressed
 * @param {boolean} up from the browser to the server
 */
export function frameHeaderSize(size, up) {
  const length = size <= 125 ? 2 : size <= 0xffff ? 4 : 10;
  return length + (up ? MASK_BYTES : 0);
}

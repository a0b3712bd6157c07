/**
 * Which emoji this device can draw. Those that came with a version of Emoji are drawn by the same fonts: one of each is tried,
 * and one country's flag, which Windows does not draw.
 */

/** @typedef {import("./catalogue.js").Emoji} Emoji */

const PX = 20;
const FLAG = /^[\u{1F1E6}-\u{1F1FF}]{2}$/u;

/**
 * @param {Element} like in whose font
 * @returns {(emoji: Emoji) => boolean}
 */
export function drawable(like) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!context) return () => true;
  context.font = `${PX}px ${getComputedStyle(like).fontFamily}`;
  context.textBaseline = "top";
  if (!isDrawn(context, "😀")) return () => true; // in one colour only: it cannot be told
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return ({ emoji, version }) => {
    const kind = FLAG.test(emoji) ? "flags" : String(version);
    const drawn = known.get(kind) ?? isDrawn(context, emoji);
    known.set(kind, drawn);
    return drawn;
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} emoji
 * @returns {boolean} whether it is one picture that has colours of its own
 */
function isDrawn(context, emoji) {
  if (context.measureText(emoji).width > 1.8 * context.measureText("😀").width) return false;
  const [black, white] = ["#000", "#fff"].map((colour) => {
    context.clearRect(0, 0, 2 * PX, 2 * PX);
    context.fillStyle = colour;
    context.fillText(emoji, 0, 0);
    return context.getImageData(0, 0, 2 * PX, 2 * PX).data;
  });
  return black.some(Boolean) && black.every((value, at) => value === white[at]);
}

/** Takes images from a drop or the clipboard. Loaded when the page is idle; until then, nothing that is dropped leaves it. */

import { readTransfer } from "./carried.js";
import { Drop } from "./drop.js";
import { dropped, pasted } from "./transfer.js";

/**
 * @typedef {import("./batch.js").Source} Source
 *
 * @typedef {object} Taker
 * @property {() => boolean} accepts whether anything is taken now
 * @property {(images: Source[]) => void} onImages
 * @property {(text: string) => void} onText was dropped beside the field
 * @property {() => void} onLost what was dropped cannot be read
 */

/** @param {Taker} taker */
export default function receive({ accepts, onImages, onText, onLost }) {
  new Drop(accepts, (data, intoField) => {
    const { images, text, lost } = dropped(data, location.href);
    onImages(images);
    if (images.length || intoField) return images.length > 0;
    if (text) onText(text);
    if (lost) onLost();
    return true;
  });
  addEventListener("paste", (event) => {
    const data = event.clipboardData;
    const images = data && accepts() ? pasted(readTransfer(data), location.href) : [];
    if (!images.length) return;
    event.preventDefault();
    onImages(images);
  });
}

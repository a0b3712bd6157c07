/** Counts what a lane has cost so far, and over time. Pure. */

/** @typedef {import("./passage.js").Passage} Passage */

/** @typedef {[number, number]} Point a time in milliseconds, and the amount at that time */

const POINTS = 2000;

export class Meter {
  requests = 0;
  /** Messages. */
  received = 0;
  sent = 0;
  head = 0;
  body = 0;
  #delays = { sum: 0, count: 0 };

  /** Each amount over time. @type {{requests: Point[], bytes: Point[], delay: Point[]}} */
  series = { requests: [], bytes: [], delay: [] };

  /** All bytes in both directions. */
  get bytes() {
    return this.head + this.body;
  }

  /** The average cost of a message in either direction. @returns {number | undefined} */
  get bytesPerMessage() {
    const messages = this.received + this.sent;
    return messages ? this.bytes / messages : undefined;
  }

  /** How long a message waited on the server on average, in milliseconds. @returns {number | undefined} */
  get delay() {
    return this.#delays.count ? this.#delays.sum / this.#delays.count : undefined;
  }

  /** @param {Passage} passage */
  add({ at, what, head, body, events, said }) {
    if (what === "request") {
      this.requests++;
      grow(this.series.requests, [at, this.requests]);
    }
    this.head += head ?? 0;
    this.body += body;
    grow(this.series.bytes, [at, this.bytes]);
    if (said) this.sent++;
    for (const { age_ms } of events) {
      this.received++;
      if (age_ms === undefined) continue;
      this.#delays.sum += age_ms;
      this.#delays.count++;
      grow(this.series.delay, [at, age_ms]);
    }
  }

  /**
   * Count a head that was not known when its passage was added.
   * @param {number} at
   * @param {number} head bytes
   */
  know(at, head) {
    this.head += head;
    grow(this.series.bytes, [at, this.bytes]);
  }
}

/**
 * @param {Point[]} points
 * @param {Point} point
 */
function grow(points, [at, amount]) {
  // A point that arrives late is drawn at the time of the one before.
  points.push([Math.max(at, points.at(-1)?.[0] ?? at), amount]);
  // Drop every other point of the older half: the curve looks the same, and memory stays bounded.
  if (points.length > POINTS) points.splice(0, POINTS / 2, ...points.slice(0, POINTS / 2).filter((_, at) => at % 2));
}

/** Colours as people see them. Pure. A colour is "#a1b2c3". */

/**
 * @param {string} colour
 * @returns {number[]} red, green and blue, 0 to 255
 */
function rgb(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/**
 * @param {string} colour
 * @returns {{hue: number, saturation: number, lightness: number}} degrees from 0 to 359, and percent
 */
export function hsl(colour) {
  const [r, g, b] = rgb(colour);
  const most = Math.max(r, g, b);
  const spread = most - Math.min(r, g, b);
  const sum = 2 * most - spread;
  const sixth = most === r ? (g - b) / spread : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return {
    hue: spread ? Math.round(60 * sixth + 360) % 360 : 0,
    saturation: spread ? Math.round((100 * spread) / Math.min(sum, 510 - sum)) : 0,
    lightness: Math.round(sum / 5.1),
  };
}

/** @param {string} colour @returns {number[]} its linear parts, 0 to 1 (IEC 61966-2-1) */
function linear(colour) {
  return rgb(colour).map((value) => (value <= 10.314_75 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
}

/** @param {string} colour @returns {number} */
function luminance(colour) {
  const [r, g, b] = linear(colour);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {number} their contrast, 1 to 21 (WCAG 2.2)
 */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/**
 * @param {string} colour
 * @returns {number[]} CIE L*, a*, b* under D65
 */
function lab(colour) {
  const [r, g, b] = linear(colour);
  const [x, y, z] = [
    (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
    0.2126729 * r + 0.7151522 * g + 0.072175 * b,
    (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883,
  ].map((t) => (t > 216 / 24_389 ? Math.cbrt(t) : (t * 24_389) / 3132 + 4 / 29));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {number} how different they look, CIEDE2000: below 2 hardly anybody tells them apart, below 5 not at a glance
 */
export function difference(one, other) {
  return deltaE2000(lab(one), lab(other));
}

const RADIANS = Math.PI / 180;

/**
 * The CIEDE2000 difference, with the names of Sharma, Wu and Dalal (2005), "The CIEDE2000 Color-Difference Formula".
 * @param {number[]} one L*, a*, b*
 * @param {number[]} other
 * @returns {number}
 */
export function deltaE2000([L1, a1, b1], [L2, a2, b2]) {
  const grey = (/** @type {number} */ c) => Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  const G = 0.5 * (1 - grey((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2));
  const [C1, C2] = [Math.hypot((1 + G) * a1, b1), Math.hypot((1 + G) * a2, b2)];
  const angle = (/** @type {number} */ a, /** @type {number} */ b) => (Math.atan2(b, (1 + G) * a) / RADIANS + 360) % 360;
  const [h1, h2] = [angle(a1, b1), angle(a2, b2)];
  const coloured = C1 * C2 !== 0;
  const apart = h2 - h1;
  const turn = coloured ? apart - 360 * Number(apart > 180) + 360 * Number(apart < -180) : 0;
  const [dL, dC, dH] = [L2 - L1, C2 - C1, 2 * Math.sqrt(C1 * C2) * Math.sin((turn / 2) * RADIANS)];
  const [L, C] = [(L1 + L2) / 2, (C1 + C2) / 2];
  const h = coloured ? h1 + turn / 2 : h1 + h2;
  const cos = (/** @type {number} */ degrees) => Math.cos(degrees * RADIANS);
  const T = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63);
  const SL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2);
  const [SC, SH] = [1 + 0.045 * C, 1 + 0.015 * C * T];
  const hue = (h + 360) % 360;
  const RT = -2 * grey(C) * Math.sin(60 * Math.exp(-(((hue - 275) / 25) ** 2)) * RADIANS);
  return Math.hypot(dL / SL, Math.sqrt((dC / SC) ** 2 + (dH / SH) ** 2 + RT * (dC / SC) * (dH / SH)));
}

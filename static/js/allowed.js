/** What the teacher allows, which `data-house` of the page tells the style sheets: what is not allowed is not offered. */

/** @typedef {import("./wire.js").House} House */

const { dataset } = document.body;

/** Whether the reader is a teacher, who may do everything. */
export const teaches = () => dataset.house === "teacher";

/** @param {keyof House} what */
export const allows = (what) => !dataset.house?.split(" ").includes(`no-${what}`);

/** @param {Partial<House>} [house] as it is now; all is allowed by default */
export function allow(house = {}) {
  if (!teaches()) dataset.house = Object.entries(house).flatMap(([name, on]) => (on ? [] : `no-${name}`)).join(" ");
}

/** Dates and times in the reader's time zone, which only the browser knows. */

import { lang } from "./texts.js";

const clock = new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(lang, {
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
});
const inFull = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "medium" });

/** @param {Date} moment @returns {string} its time of day */
export const timeOfDay = (moment) => clock.format(moment);

/**
 * Fill a `<time>` that stands where its day is told: only the time of day.
 * @param {HTMLTimeElement} element
 * @param {string} iso
 */
export function showClock(element, iso) {
  const moment = new Date(iso);
  element.dateTime = iso;
  element.textContent = clock.format(moment);
  element.title = inFull.format(moment);
}

/**
 * Fill a `<time>`: the time of day, with the date unless it is today.
 * @param {HTMLTimeElement} element
 * @param {string} iso
 */
export function showTime(element, iso) {
  const moment = new Date(iso);
  const today = moment.toDateString() === new Date().toDateString();
  element.dateTime = iso;
  element.textContent = (today ? clock : dayAndClock).format(moment);
  element.title = inFull.format(moment);
}

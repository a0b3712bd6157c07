// @ts-check
/** The way in: keeps the count of those who came, and says what may be wrong when nobody does. */

import { getJson } from "./http.js";
import { Arrivals } from "./join/arrivals.js";

const EVERY_MS = 2000;

const page = /** @type {HTMLElement} */ (document.querySelector(".join"));
const count = document.getElementById("people");
const trouble = document.getElementById("trouble");
const arrivals = new Arrivals(performance.now(), Number(count?.textContent ?? 0));

async function look() {
  try {
    const { addresses, people } = await getJson("/join");
    const moved = !addresses.some((/** @type {{ url: string }} */ { url }) => url === page.dataset.url);
    const connected = !count && !addresses[0].local; // this machine was alone, and has a network now
    if (moved || connected) {
      location.replace("/join");
      return;
    }
    if (count && count.textContent !== String(people)) count.textContent = String(people);
    if (trouble) trouble.hidden = !arrivals.troubled(performance.now(), people);
  } catch {
    // The server is away; it will be asked again.
  }
  setTimeout(look, EVERY_MS);
}

look();

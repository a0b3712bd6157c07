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
    // The laptop went to another network.
    if (!addresses.some((/** @type {{ url: string }} */ { url }) => url === page.dataset.url)) {
      location.replace("/join");
      return;
    }
    // From this machine alone to a network.
    if (!count && !addresses[0].local) location.replace("/join");
    if (count && count.textContent !== String(people)) count.textContent = String(people);
    if (trouble) trouble.hidden = !arrivals.troubled(performance.now(), people);
  } catch {
    // The server is away; it will be asked again.
  }
  setTimeout(look, EVERY_MS);
}

look();

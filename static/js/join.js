/** The way in: shows where it leads now, who came by it, what may be wrong when nobody does, and when it leads nowhere. */

import { getJson } from "./http.js";
import { Arrivals } from "./join/arrivals.js";

const EVERY_MS = 2000;

/** How long the server may be silent: a laptop that has left the network does not say so. */
const LOST_AFTER_MS = 5000;

/** @param {string} id */
const element = (id) => document.getElementById(id);
const fromNowOn = () => new Arrivals(performance.now(), Number(element("people")?.textContent ?? 0));

let page = /** @type {HTMLElement} */ (document.querySelector(".join"));
let arrivals = fromNowOn();
let heardAt = performance.now();

async function look() {
  const silent = setTimeout(tellIfLost, LOST_AFTER_MS);
  try {
    const { addresses, people } = await getJson("/join");
    if (addresses.map((/** @type {{ url: string }} */ { url }) => url).join(" ") !== page.dataset.all) await renew();
    heardAt = performance.now();
    const [count, trouble] = [element("people"), element("trouble")];
    if (count && count.textContent !== String(people)) count.textContent = String(people);
    if (trouble) trouble.hidden = !arrivals.troubled(performance.now(), people);
  } catch {
    // The server is away; it will be asked again.
  }
  clearTimeout(silent);
  tellIfLost();
  setTimeout(look, EVERY_MS);
}

/** Show the addresses that there are now. Not by a reload, which would leave no page where the server is just away. */
async function renew() {
  // What is shown stays while it leads here, but an address for this machine alone.
  const keep = element("people") ? `?url=${encodeURIComponent(page.dataset.url ?? "")}` : "";
  const response = await fetch(`/join${keep}`, { cache: "no-store", signal: AbortSignal.timeout(LOST_AFTER_MS) });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".join");
  if (!response.ok || !fresh) throw new TypeError("this is not our server");
  page.replaceWith(fresh);
  page = /** @type {HTMLElement} */ (fresh);
  arrivals = fromNowOn();
}

function tellIfLost() {
  const lost = performance.now() - heardAt >= LOST_AFTER_MS;
  page.classList.toggle("lost", lost);
  /** @type {HTMLElement} */ (element("lost")).hidden = !lost;
}

look();

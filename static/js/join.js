/** The join page: keeps its addresses current, counts who came, and warns when nobody comes or the server is lost. */

import { sendChoices } from "./choices.js";
import { getJson } from "./http.js";
import { Arrivals } from "./join/arrivals.js";
import { dress } from "./who.js";

const POLL_MS = 2000;

/** How long the server may be silent before it counts as lost. */
const LOST_AFTER_MS = 5000;

/** @param {string} id */
const element = (id) => document.getElementById(id);
const startCounting = () => new Arrivals(performance.now(), Number(element("people")?.textContent ?? 0));

let page = /** @type {HTMLElement} */ (document.querySelector(".join"));
let arrivals = startCounting();
let heardAt = performance.now();

async function poll() {
  const silent = setTimeout(showIfLost, LOST_AFTER_MS);
  try {
    const { addresses, people } = await getJson("/join");
    if (addresses.map((/** @type {{ url: string }} */ { url }) => url).join(" ") !== page.dataset.all) await renew();
    heardAt = performance.now();
    const [count, trouble] = [element("people"), element("trouble")];
    if (count && count.textContent !== String(people)) count.textContent = String(people);
    if (trouble) trouble.hidden = !arrivals.troubled(performance.now(), people);
  } catch {
    // The server cannot be reached; the next poll tries again.
  }
  clearTimeout(silent);
  showIfLost();
  setTimeout(poll, POLL_MS);
}

/** Replace the page's content with the current addresses. A reload would lose the page if the server is unreachable. */
async function renew() {
  // Keep the address shown while it still works, unless it only works on this machine.
  const keep = element("people") ? `?url=${encodeURIComponent(page.dataset.url ?? "")}` : "";
  const response = await fetch(`/join${keep}`, { cache: "no-store", signal: AbortSignal.timeout(LOST_AFTER_MS) });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".join");
  if (!response.ok || !fresh) throw new TypeError("this is not our server");
  page.replaceWith(fresh);
  page = /** @type {HTMLElement} */ (fresh);
  arrivals = startCounting();
}

function showIfLost() {
  const lost = performance.now() - heardAt >= LOST_AFTER_MS;
  page.classList.toggle("lost", lost);
  /** @type {HTMLElement} */ (element("lost")).hidden = !lost;
}

dress(document);
sendChoices();
poll();

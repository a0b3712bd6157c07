/** Where the class finds the chat, as the join page tells it. */

import { getJson } from "../http.js";
import { byId, part } from "../parts.js";

export async function showAddress() {
  try {
    const { addresses } = await getJson("/join");
    part(byId("desk-join"), "address").textContent = addresses[0].url.replace(/^https?:\/\//, "");
  } catch {
    // The link leads there anyway.
  }
}

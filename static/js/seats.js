/** The sheets of seat cards: printing them, and choosing the address on them. */

import { sendChoices } from "./choices.js";
import { preventDropNavigation } from "./stay.js";
import { submitOnce } from "./submit_once.js";
import { dress } from "./who.js";

dress(document);
sendChoices();
preventDropNavigation();
for (const form of document.querySelectorAll("main form")) submitOnce(/** @type {HTMLFormElement} */ (form));

const print = document.getElementById("print");
print?.addEventListener("click", () => window.print());
if (print) print.hidden = false;

const address = /** @type {HTMLSelectElement | null} */ (document.getElementById("url"));
address?.addEventListener("change", () => address.form?.requestSubmit());

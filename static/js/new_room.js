/** The form for a new room. */

import { sendChoices } from "./choices.js";
import { preventDropNavigation } from "./stay.js";
import { submitOnce } from "./submit_once.js";
import { dress } from "./who.js";

dress(document);
sendChoices();
preventDropNavigation();
submitOnce(/** @type {HTMLFormElement} */ (document.querySelector("main form")));

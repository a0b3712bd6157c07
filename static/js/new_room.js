/** The form for a new room. */

import { stay } from "./stay.js";
import { submitOnce } from "./submit_once.js";

stay();
submitOnce(/** @type {HTMLFormElement} */ (document.querySelector("main form")));

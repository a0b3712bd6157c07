// @ts-check
/** The form for a new room. */

import { submitOnce } from "./submit_once.js";

submitOnce(/** @type {HTMLFormElement} */ (document.querySelector("main form")));

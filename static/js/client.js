/**
 * The official Socket.IO client, also made global, as a classic script would do, so that a lesson's example runs when
 * pasted into the console of any page.
 */

import { io } from "/socket.io/socket.io.esm.min.js";

/** @type {{io?: typeof import("socket.io-client").io}} */ (globalThis).io = io;

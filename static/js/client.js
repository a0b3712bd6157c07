/**
 * The official Socket.IO client, made global as the course's classic script does: what is written by a lesson's example
 * into the console of any page runs there.
 */

import { io } from "/socket.io/socket.io.esm.min.js";

/** @type {{io?: typeof import("socket.io-client").io}} */ (globalThis).io = io;

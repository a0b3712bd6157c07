/** The types of Engine.IO packets, by the number with which each begins. */
export const ENGINE_TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

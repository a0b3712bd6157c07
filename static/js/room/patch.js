/** The changes that the settings form sends to the server: only what differs. Pure. */

import { keptText } from "../text.js";

/**
 * @typedef {Pick<import("../wire.js").Room, "title" | "max" | "password" | "kept">} RoomSettings
 * @typedef {{title?: string, max?: number, password?: string | null, kept?: boolean}} Patch
 */

/**
 * @param {RoomSettings} room its current settings
 * @param {{title: string, max: number, locked: boolean, password: string, kept: boolean}} wanted `locked`:
 *   whether it should have a password; an empty `password` keeps the current one
 * @returns {Patch}
 */
export function patchOf(room, { title, max, locked, password, kept }) {
  /** @type {Patch} */
  const patch = {};
  if (keptText(title) !== room.title) patch.title = title;
  if (max !== room.max) patch.max = max;
  if (locked && password) patch.password = password;
  if (!locked && room.password) patch.password = null;
  if (kept !== room.kept) patch.kept = kept;
  return patch;
}

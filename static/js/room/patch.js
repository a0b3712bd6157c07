/** What the settings' form asks the server to change: only what is not as it was. Pure. */

import { keptText } from "../text.js";

/**
 * @typedef {Pick<import("../wire.js").Room, "title" | "max" | "password" | "kept">} RoomSettings
 * @typedef {{title?: string, max?: number, password?: string | null, kept?: boolean}} Patch
 */

/**
 * @param {RoomSettings} room as it is
 * @param {{title: string, max: number, locked: boolean, password: string, kept: boolean}} wanted `locked`: it is to have a password;
 *   an empty `password` leaves the one that it has
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

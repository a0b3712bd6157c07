/**
 * The browser's storage, if it allows access.
 * @param {"localStorage" | "sessionStorage"} name
 */
export function storage(name) {
  try {
    return window[name];
  } catch {
    return null;
  }
}

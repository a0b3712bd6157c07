// @ts-check
/** What a drop or the clipboard holds for the chat. Pure. */

/** @typedef {Pick<DataTransfer, "getData"> & {files: ArrayLike<File>}} Transfer */

const ADDRESS = /^(https?|file):\S+$/;

/**
 * @param {readonly string[]} types of what is being dragged
 * @returns {boolean} whether it is files, and not text or a link
 */
export function carriesFiles(types) {
  return types.includes("Files");
}

/**
 * The files that whoever pastes this means to send.
 *
 * A picture copied in a browser comes with HTML, one copied in a file manager with its name or address as text. A piece
 * of a document, or a table, comes with a picture of itself: there the text is meant.
 * @param {Transfer} clipboard
 * @returns {File[]} none when it is to be pasted as text
 */
export function pastedFiles(clipboard) {
  const files = Array.from(clipboard.files);
  const text = clipboard.getData("text/plain").trim();
  const names = files.map((file) => file.name);
  const tellsOfFiles = (/** @type {string} */ line) => ADDRESS.test(line) || names.includes(line);
  return text === "" || text.split(/\s*\n\s*/).every(tellsOfFiles) ? files : [];
}

/** Where the arrow keys lead among groups of emoji, each a grid of its own with the same columns. Pure. */

/**
 * @typedef {object} Place
 * @property {number} group
 * @property {number} index in the group
 */

/**
 * @param {number[]} sizes of the groups
 * @param {number} columns
 * @param {Place} at
 * @param {{key: string, ctrlKey?: boolean}} pressed
 * @returns {Place | "out" | null} `out`: above the first row; null if the key leads nowhere
 */
export function moved(sizes, columns, { group, index }, { key, ctrlKey = false }) {
  const size = sizes[group];
  const row = index - (index % columns);
  const next = nearest(sizes, group, 1);
  const previous = nearest(sizes, group, -1);
  switch (key) {
    case "ArrowRight":
      return index + 1 < size ? { group, index: index + 1 } : next === null ? null : { group: next, index: 0 };
    case "ArrowLeft":
      return index > 0 ? { group, index: index - 1 } : previous === null ? null : { group: previous, index: sizes[previous] - 1 };
    case "ArrowDown": {
      if (row + columns < size) return { group, index: Math.min(index + columns, size - 1) };
      return next === null ? null : { group: next, index: Math.min(index - row, sizes[next] - 1) };
    }
    case "ArrowUp": {
      if (row > 0) return { group, index: index - columns };
      if (previous === null) return "out";
      const last = sizes[previous] - 1;
      return { group: previous, index: Math.min(last - (last % columns) + index - row, last) };
    }
    case "Home":
      return ctrlKey ? { group: nearest(sizes, -1, 1) ?? group, index: 0 } : { group, index: row };
    case "End": {
      if (!ctrlKey) return { group, index: Math.min(row + columns, size) - 1 };
      const end = nearest(sizes, sizes.length, -1) ?? group;
      return { group: end, index: sizes[end] - 1 };
    }
    default:
      return null;
  }
}

/**
 * @param {number[]} sizes
 * @param {number} group
 * @param {1 | -1} step
 * @returns {number | null} the next group in this direction that is not empty
 */
function nearest(sizes, group, step) {
  for (let at = group + step; at >= 0 && at < sizes.length; at += step) if (sizes[at]) return at;
  return null;
}

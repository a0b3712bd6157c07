/**
 * Lays out the diagram of the server's namespaces, rooms and sockets: under the server a box for each namespace, which
 * contains its sockets and a box for each room. Pure. Constants are in rem; `unit` is one rem in pixels.
 *
 * @typedef {{id: string, user: string}} SocketLeaf
 * @typedef {{title: string | null, locked: boolean, count: number, sockets: SocketLeaf[]}} RoomBranch
 * @typedef {object} NamespaceBranch NAMESPACE of docs/protocol.md
 * @property {string} name
 * @property {number} count
 * @property {SocketLeaf[]} sockets
 * @property {RoomBranch[]} rooms
 * @property {number} more
 *
 * @typedef {object} Shape
 * @property {string} key identifies the same thing in the next diagram
 * @property {"server" | "namespace" | "room" | "socket" | "more"} kind
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string} text
 * @property {number} [count] of a box, how many sockets are in it
 * @property {string} [user] of a socket, its colour
 * @property {boolean} [mine] of a socket, whether it is this tab's
 * @property {boolean} [locked] of a room
 */

const COLUMN = 15;
const GAP = 1;
const PAD = 0.75;
const HEAD = 2.25;
const DOT = 1.5;
const MINE = 3;

/** @typedef {(key: "room_locked" | "more", values?: Record<string, number>) => string} Say */

/**
 * @param {NamespaceBranch[]} namespaces
 * @param {ReadonlySet<string>} mine prefixes of the ids of this tab's sockets
 * @param {{width: number, unit: number, server: string, say: Say}} place
 */
export function layOut(namespaces, mine, { width, unit, server, say }) {
  const columns = Math.max(1, Math.min(namespaces.length, Math.floor(width / unit / COLUMN)));
  const columnWidth = (width - (columns - 1) * GAP * unit) / columns;
  const top = (HEAD + 2 * GAP) * unit;
  /** @type {Shape[]} */
  const shapes = [
    { key: "server", kind: "server", x: width / 2 - 5 * unit, y: 0, width: 10 * unit, height: HEAD * unit, text: server },
  ];
  /** @type {{key: string, from: [number, number], to: [number, number]}[]} */
  const edges = [];
  const bottoms = new Array(columns).fill(top);
  for (const namespace of namespaces) {
    const column = bottoms.indexOf(Math.min(...bottoms));
    const x = column * (columnWidth + GAP * unit);
    const y = bottoms[column];
    const box = boxOf(namespace, mine, { x, y, width: columnWidth, unit, say });
    shapes.push(...box);
    /** @type {[number, number]} */
    const from = y === top ? [width / 2, HEAD * unit] : [x + columnWidth / 2, y - GAP * unit];
    edges.push({ key: namespace.name, from, to: [x + columnWidth / 2, y] });
    bottoms[column] = y + box[0].height + GAP * unit;
  }
  return { shapes, edges, height: Math.max(...bottoms) - GAP * unit };
}

/**
 * A namespace's box, followed by its contents.
 * @param {NamespaceBranch} namespace
 * @param {ReadonlySet<string>} mine
 * @param {{x: number, y: number, width: number, unit: number, say: Say}} place
 * @returns {Shape[]}
 */
function boxOf({ name, count, sockets, rooms, more }, mine, { x, y, width, unit, say }) {
  const inner = { x: x + PAD * unit, width: width - 2 * PAD * unit, unit, say };
  const roomed = rooms.reduce((sum, room) => sum + room.count, 0);
  const own = dots(sockets, more ? sockets.length : count - roomed, mine, { ...inner, y: y + HEAD * unit, key: name });
  let bottom = y + HEAD * unit + own.height;
  /** @type {Shape[]} */
  const shapes = [...own.shapes];
  rooms.forEach((room, index) => {
    const key = `${name} ${index} ${room.title ?? ""}`;
    const text = room.title ?? say("room_locked");
    const roomInner = { x: inner.x + PAD * unit, width: inner.width - 2 * PAD * unit, unit, say };
    const within = dots(room.sockets, room.locked ? 0 : room.count, mine, { ...roomInner, y: bottom + HEAD * unit, key });
    const height = HEAD * unit + within.height;
    shapes.push(
      { key, kind: "room", x: inner.x, y: bottom, width: inner.width, height, text, count: room.count, locked: room.locked },
      ...within.shapes,
    );
    bottom += height + (PAD / 2) * unit;
  });
  if (more) {
    const text = say("more", { count: more });
    shapes.push({ key: `${name} more`, kind: "more", x: inner.x, y: bottom, width: inner.width, height: DOT * unit, text });
    bottom += DOT * unit;
  }
  const height = bottom + (rooms.length || more ? (PAD / 2) * unit : 0) - y;
  return [{ key: name, kind: "namespace", x, y, width, height, text: name, count }, ...shapes];
}

/**
 * Sockets in rows, and the number of those not shown.
 * @param {SocketLeaf[]} sockets
 * @param {number} count
 * @param {ReadonlySet<string>} mine
 * @param {{x: number, y: number, width: number, unit: number, key: string, say: Say}} place
 * @returns {{shapes: Shape[], height: number}}
 */
function dots(sockets, count, mine, { x, y, width, unit, key, say }) {
  /** @type {Omit<Shape, "x" | "y" | "height">[]} */
  const cells = sockets.map(({ id, user }) => {
    const own = mine.has(id);
    return { key: `${key} ${id}`, kind: "socket", width: (own ? MINE : DOT) * unit, text: id, user, mine: own };
  });
  const more = count - sockets.length;
  if (more > 0) cells.push({ key: `${key} +`, kind: "more", width: 5 * unit, text: say("more", { count: more }) });
  let row = 0;
  let at = 0;
  const shapes = cells.map((cell) => {
    if (at > 0 && at + cell.width > width) {
      row++;
      at = 0;
    }
    const shape = { ...cell, x: x + at, y: y + row * DOT * unit, height: DOT * unit };
    at += cell.width;
    return shape;
  });
  return { shapes, height: shapes.length ? ((row + 1) * DOT + PAD / 2) * unit : 0 };
}

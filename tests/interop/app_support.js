// A visitor for the tests: its cookie, its requests, and its sockets of the real socket.io-client.

import { after } from "node:test";
import { io } from "socket.io-client";

export const url = process.env.GIFCHAT_URL;
export const TIMEOUT_MS = 30_000;

// The smallest GIF: one transparent pixel.
export const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

const sockets = new Set();

after(() => {
    for (const socket of sockets) {
        socket.disconnect();
    }
});

/** Everything one socket has received, with waiting for what has not arrived yet. */
class Inbox {
    #events = [];
    #watchers = new Set();

    constructor(socket) {
        socket.onAny((name, ...args) => {
            this.#events.push({ name, args });
            for (const watcher of [...this.#watchers]) {
                watcher();
            }
        });
    }

    /** The first arguments of all events `name` so far, in order. */
    all(name) {
        return this.#events.filter((event) => event.name === name).map((event) => event.args[0]);
    }

    /** The names of all events about a room so far, in order. */
    about(room) {
        return this.#events.filter(({ args: [told] }) => told === room || told?._id === room).map(({ name }) => name);
    }

    /** The first argument of the first event `name` that `fits`, now or when it arrives. */
    first(name, fits = () => true) {
        return new Promise((resolve, reject) => {
            const look = () => {
                const found = this.all(name).find(fits);
                if (found !== undefined) {
                    clearTimeout(timer);
                    this.#watchers.delete(look);
                    resolve(found);
                }
            };
            const timer = setTimeout(() => {
                this.#watchers.delete(look);
                reject(new Error(`no such "${name}" came; there came ${JSON.stringify(this.#events)}`));
            }, TIMEOUT_MS);
            this.#watchers.add(look);
            look();
        });
    }
}

export class Visitor {
    static async arrive() {
        const answer = await fetch(url);
        await answer.text();
        return new Visitor(answer.headers.getSetCookie()[0].split(";")[0]);
    }

    constructor(cookie) {
        this.cookie = cookie;
    }

    fetch(path, { headers = {}, ...options } = {}) {
        return fetch(url + path, { redirect: "manual", headers: { cookie: this.cookie, ...headers }, ...options });
    }

    async json(method, path, body) {
        const headers = { accept: "application/json", "content-type": "application/json" };
        const answer = await this.fetch(path, { method, headers, body: body && JSON.stringify(body) });
        return { status: answer.status, ...(await answer.json()) };
    }

    async room(form = {}) {
        const { status, ...room } = await this.json("POST", "/room", { title: "방", ...form });
        if (status !== 201) {
            throw new Error(`no room was made: ${JSON.stringify(room)}`);
        }
        return room;
    }

    /** Send as the course does: a form by POST. */
    post(path, fields) {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        return this.fetch(path, { method: "POST", headers, body: new URLSearchParams(fields) });
    }

    sendGif(room, fields = {}) {
        const body = new FormData();
        for (const [name, value] of Object.entries(fields)) {
            body.set(name, value);
        }
        body.set("gif", new Blob([GIF], { type: "image/gif" }), "cat.gif");
        return this.fetch(`/room/${room}/gif`, { method: "POST", body });
    }

    /** A connected socket in `namespace`, with its `inbox`. */
    async connect(namespace, { headers = {}, ...options } = {}) {
        const socket = io(url + namespace, {
            path: "/socket.io",
            transports: ["websocket"],
            forceNew: true,
            extraHeaders: { cookie: this.cookie, ...headers },
            ...options,
        });
        sockets.add(socket);
        socket.inbox = new Inbox(socket);
        await new Promise((resolve, reject) => {
            socket.once("connect", resolve);
            socket.once("connect_error", reject);
        });
        return socket;
    }

    /** A socket on /chat that is in `room`, with the `joined` answer. */
    async enter(room, argument = { room }) {
        const socket = await this.connect("/chat", { auth: {} });
        socket.joined = await ask(socket, "join", argument);
        if (!socket.joined.ok) {
            throw new Error(`could not join: ${JSON.stringify(socket.joined)}`);
        }
        return socket;
    }
}

/** Emit and await the ack. */
export function ask(socket, event, argument) {
    return socket.timeout(TIMEOUT_MS).emitWithAck(event, argument);
}

/** Wait until everything the server has sent to `socket` so far has arrived: its next answer comes after it. */
export async function settled(socket) {
    await ask(socket, "leave", { room: "0".repeat(24) });
}

// Visitors of the real socket.io-client behind a bad network: each talks in all rooms until told to stop on stdin, sends
// again what was not acknowledged, and comes back with `after`. What they sent and heard goes to stdout, a line each.
//
// node proxy_people.js URL PEOPLE PACE_MS

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";

const [url, people, pace] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const ROOMS = 2;
const WORKERS = 3;
const ANSWER_MS = 3000;
const TRANSPORTS = [["websocket"], ["polling", "websocket"], ["polling"]];

let stopped = false;

/** What this person has to tell the ledger; written at once, read by the test. */
function tell(entry) {
    process.stdout.write(`${JSON.stringify(entry)}\n`);
}

function fail(reason) {
    tell({ type: "failure", reason });
    process.exit(1);
}

/** Ask over HTTP until there is an answer. */
async function ask(path, options = {}) {
    for (;;) {
        try {
            const answer = await fetch(url + path, { ...options, signal: AbortSignal.timeout(ANSWER_MS) });
            return { headers: answer.headers, status: answer.status, text: await answer.text() };
        } catch {
            await sleep(20);
        }
    }
}

class Person {
    #last = new Map(); // room → the seq up to which all was heard
    #inside = null; // resolves when the socket is in all rooms; null while it is
    #enter = () => {};
    #said = 0;

    constructor(name, transports) {
        this.name = name;
        this.transports = transports;
        this.user = null;
    }

    async arrive() {
        const { headers } = await ask("/");
        this.cookie = headers.getSetCookie()[0].split(";")[0];
    }

    async room() {
        const headers = { cookie: this.cookie, accept: "application/json", "content-type": "application/json" };
        const { text } = await ask("/room", { method: "POST", headers, body: JSON.stringify({ title: "나쁜 길", max: 50 }) });
        return JSON.parse(text)._id;
    }

    enter(rooms) {
        this.rooms = rooms;
        this.#lose();
        this.socket = io(`${url}/chat`, {
            forceNew: true,
            transports: this.transports,
            auth: {},
            extraHeaders: { cookie: this.cookie },
            reconnectionDelay: 20,
            reconnectionDelayMax: 200,
            timeout: ANSWER_MS,
        });
        this.socket.on("connect", () => this.#join(this.socket.id, [...rooms]));
        this.socket.on("disconnect", () => this.#lose());
        this.socket.on("problem", (problem) => fail(problem));
        for (const event of ["chat", "join", "exit", "owner", "kick"]) {
            this.socket.on(event, (record) => this.#hear(record));
        }
        return this.#inside;
    }

    #lose() {
        this.#inside ??= new Promise((resolve) => {
            this.#enter = resolve;
        });
    }

    /** Come into the rooms that are left, one answer after the other. */
    #join(sid, rooms) {
        if (sid !== this.socket.id) {
            return; // lost since
        }
        if (rooms.length === 0) {
            this.#inside = null;
            this.#enter();
            return;
        }
        const [room, ...others] = rooms;
        const after = this.#last.get(room) ?? null;
        this.socket.timeout(ANSWER_MS).emit("join", { room, after }, (late, answer) => {
            if (sid !== this.socket.id) {
                return;
            }
            if (late) {
                this.#reconnect();
                return;
            }
            if (!answer.ok) {
                fail(answer);
            }
            this.user = answer.user;
            if (after === null) {
                this.#last.set(room, answer.seq);
                tell({ type: "began", user: this.user, room, seq: answer.seq });
            }
            for (const record of answer.missed) {
                this.#hear(record);
            }
            this.#join(sid, answer.more ? rooms : others);
        });
    }

    #hear(record) {
        this.#last.set(record.room, record.seq);
        tell({ type: "heard", user: this.user, record });
    }

    #reconnect() {
        this.socket.io.engine?.close();
    }

    /** Say one thing after the other, each until it is acknowledged. */
    async speak() {
        while (!stopped) {
            this.#said += 1;
            const room = this.rooms[this.#said % this.rooms.length];
            await this.#deliver(room, `${this.name}-${this.#said}`);
            await sleep(pace);
        }
    }

    async #deliver(room, nonce) {
        const chat = nonce.repeat(1 + (this.#said % 20));
        for (let attempt = 0; ; attempt += 1) {
            await this.#inside;
            tell({ type: "sent", user: this.user, room, nonce });
            const answer = (this.#said + attempt) % 4 ? await this.#emit(room, chat, nonce) : await this.#post(room, chat, nonce);
            if (answer?._id) {
                tell({ type: "acknowledged", user: this.user, room, nonce, answer: { _id: answer._id, seq: answer.seq } });
                return;
            }
            if (answer) {
                fail(answer);
            }
        }
    }

    #emit(room, chat, nonce) {
        const { id } = this.socket;
        return new Promise((resolve) => {
            this.socket.timeout(ANSWER_MS).emit("chat", { room, chat, nonce }, (late, answer) => {
                if (late && id === this.socket.id) {
                    this.#reconnect();
                }
                resolve(late ? null : answer);
            });
        });
    }

    async #post(room, chat, nonce) {
        const headers = { cookie: this.cookie, accept: "application/json", "content-type": "application/json" };
        const { text } = await ask(`/room/${room}/chat`, { method: "POST", headers, body: JSON.stringify({ chat, nonce }) });
        return JSON.parse(text);
    }

    /** All that was on its way has come. */
    async settled() {
        for (;;) {
            await this.#inside;
            try {
                await this.socket.timeout(ANSWER_MS).emitWithAck("leave", { room: "0".repeat(24) });
                return;
            } catch {
                this.#reconnect();
            }
        }
    }
}

createInterface({ input: process.stdin }).once("line", () => {
    stopped = true;
});

const everyone = Array.from({ length: people }, (_, number) => new Person(`n${number}`, TRANSPORTS[number % TRANSPORTS.length]));
await Promise.all(everyone.map((person) => person.arrive()));
const rooms = await Promise.all(everyone.slice(0, ROOMS).map((person) => person.room()));
await Promise.all(everyone.map((person) => person.enter(rooms)));
tell({ type: "ready" });
await Promise.all(everyone.flatMap((person) => Array.from({ length: WORKERS }, () => person.speak())));
await Promise.all(everyone.map((person) => person.settled()));
tell({ type: "done" });
// No goodbye: leaving would add lines that nobody is there to hear.
process.exit(0);

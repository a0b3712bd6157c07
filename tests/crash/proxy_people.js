// Visitors of the real socket.io-client behind a bad network: each talks in all rooms of their company until told to
// "stop" on stdin, resends what was not acknowledged, and rejoins with `after`. On "kick", all others try to kick the
// maker of the company's first room. What they do, send and receive is written to stdout, one line each.
//
// node proxy_people.js COMPANIES PACE_MS PATIENCE_MS
//
// COMPANIES: JSON, [[{"name", "url", "transports"}, …], …]
// PATIENCE_MS: a visitor that waits longer for an acknowledgement closes the connection and reconnects. The client
// itself does so only when it gets no ping.

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";

const [described, pace, patience] = process.argv.slice(2).map((argument) => JSON.parse(argument));
const ROOMS = 2;
const WORKERS = 3;
const ANSWER_MS = 3000;
const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICTAEAOw==", "base64");

let stopped = false;

/** Reports an entry for the ledger to the test. @param {() => void} [written] called when it has it all */
function tell(entry, written) {
    process.stdout.write(`${JSON.stringify(entry)}\n`, written);
}

function fail(reason) {
    tell({ type: "failure", reason }, () => process.exit(1));
}

/** Ask over HTTP until there is an answer. */
async function ask(url, options = {}) {
    for (;;) {
        try {
            const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(ANSWER_MS) });
            return { headers: answer.headers, status: answer.status, text: await answer.text() };
        } catch {
            await sleep(20);
        }
    }
}

class Person {
    #last = new Map(); // room → the seq up to which everything was received
    #inside = null; // resolves when the socket is in all rooms; null while it is
    #enter = () => {};
    #said = 0;

    constructor({ name, url, transports }) {
        this.name = name;
        this.url = url;
        this.transports = transports;
        this.user = null;
    }

    async arrive() {
        const { headers } = await ask(`${this.url}/`);
        this.cookie = headers.getSetCookie()[0].split(";")[0];
    }

    async room() {
        return (await this.#submit("/room", { title: "나쁜 길", max: 50 }))._id;
    }

    enter(rooms) {
        this.rooms = rooms;
        this.#lose();
        this.socket = io(`${this.url}/chat`, {
            forceNew: true,
            transports: this.transports,
            auth: {},
            extraHeaders: { cookie: this.cookie },
            reconnectionDelay: 20,
            reconnectionDelayMax: 200,
            timeout: ANSWER_MS,
        });
        this.socket.on("connect", () => this.#join(this.socket.id, [...rooms]));
        this.socket.on("disconnect", () => {
            tell({ type: "away", name: this.name });
            this.#lose();
        });
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

    /** Join the remaining rooms, one answer after another. */
    #join(sid, rooms) {
        if (sid !== this.socket.id) {
            return; // the connection was lost meanwhile
        }
        if (rooms.length === 0) {
            this.#inside = null;
            this.#enter();
            tell({ type: "inside", name: this.name });
            return;
        }
        const [room, ...others] = rooms;
        const after = this.#last.get(room) ?? null;
        this.socket.timeout(patience).emit("join", { room, after }, (late, answer) => {
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
                tell({ type: "began", name: this.name, user: this.user, room, seq: answer.seq });
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

    /** Send one message after another, each until it is acknowledged. */
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
            const answer = await this.#attempt(this.#said + attempt, room, chat, nonce);
            if (answer?._id) {
                tell({ type: "acknowledged", user: this.user, room, nonce, answer: { _id: answer._id, seq: answer.seq } });
                return;
            }
            if (answer) {
                fail(answer);
            }
        }
    }

    /** @returns the server's answer, or null if it was lost */
    #attempt(number, room, chat, nonce) {
        if (nonce.endsWith("0")) {
            return this.#post(room, nonce);
        }
        return number % 4 ? this.#emit(room, chat, nonce) : this.#submit(`/room/${room}/chat`, { chat, nonce });
    }

    #emit(room, chat, nonce) {
        const { id } = this.socket;
        return new Promise((resolve) => {
            this.socket.timeout(patience).emit("chat", { room, chat, nonce }, (late, answer) => {
                if (late && id === this.socket.id) {
                    this.#reconnect();
                }
                resolve(late ? null : answer);
            });
        });
    }

    async #post(room, nonce) {
        const body = new FormData();
        body.set("nonce", nonce);
        body.set("gif", new Blob([GIF], { type: "image/gif" }), "dot.gif");
        const headers = { cookie: this.cookie, accept: "application/json" };
        return JSON.parse((await ask(`${this.url}/room/${room}/gif`, { method: "POST", headers, body })).text);
    }

    async #submit(path, form) {
        const headers = { cookie: this.cookie, accept: "application/json", "content-type": "application/json" };
        const body = JSON.stringify(form);
        return JSON.parse((await ask(this.url + path, { method: "POST", headers, body })).text);
    }

    kick(room, user) {
        this.socket.timeout(patience).emit("kick", { room, user }, (late, answer) => {
            if (!late) {
                tell({ type: "kick", error: answer.error ?? "none" });
            }
        });
    }

    /** Resolves when everything on its way has arrived. */
    async settled() {
        for (;;) {
            await this.#inside;
            try {
                await this.socket.timeout(patience).emitWithAck("leave", { room: "0".repeat(24) });
                return;
            } catch {
                this.#reconnect();
            }
        }
    }
}

const companies = described.map((people) => people.map((person) => new Person(person)));
const everyone = companies.flat();

function kickOwners() {
    for (const [owner, ...others] of companies) {
        for (const other of others) {
            other.kick(owner.rooms[0], owner.user);
        }
    }
}

createInterface({ input: process.stdin }).on("line", (line) => {
    if (line === "kick") {
        kickOwners();
    } else {
        stopped = true;
    }
});

await Promise.all(everyone.map((person) => person.arrive()));
await Promise.all(
    companies.map(async (people) => {
        const rooms = await Promise.all(people.slice(0, ROOMS).map((person) => person.room()));
        await Promise.all(people.map((person) => person.enter(rooms)));
    }),
);
await Promise.all(everyone.flatMap((person) => Array.from({ length: WORKERS }, () => person.speak())));
await Promise.all(everyone.map((person) => person.settled()));
// No goodbye: leaving would add lines that nobody is there to receive.
tell({ type: "done" }, () => process.exit(0));

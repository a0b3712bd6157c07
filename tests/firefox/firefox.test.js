// The main use, in Firefox. Run by test_firefox.py.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { after, before, test } from "node:test";
import * as people from "./people.js";

const { arrive, expect, expectCount, expectText, joined, makeRoom, openTab, say, transfer, troubles, url } = people;

let browser, host, guest, room;
let images = 0;

before(async () => {
    browser = await people.start();
});

after(() => browser?.close());

/** Wait until both see one more image from the host than before. */
async function oneMoreImage() {
    images++;
    await expectCount(host, "#chat-list .mine[data-seq] img", images);
    await expectCount(guest, "#chat-list .other img", images);
}

/** Send the image shown in the preview. */
async function sendShown() {
    await expectCount(host, "#preview[open] :is(img:not([hidden]), canvas)", 1);
    await expectCount(host, "#preview [data-part=still]:not([hidden])", 0);
    await host.locator("#preview [type=submit]").click();
    await oneMoreImage();
}

const nameOf = (page) => page.$$eval("#chat-list [data-gif]", (all) => all.at(-1).dataset.gif);

test("two people meet, chat, whisper and send a GIF", async () => {
    host = await arrive(browser);
    guest = await arrive(browser);
    const colour = await makeRoom(host, "불여우");
    room = host.url();
    await expectText(guest, "main", /불여우/);
    await guest.goto(room);
    const other = await joined(guest);
    assert.notEqual(other, colour);
    await say(host, "안녕");
    await expectText(guest, "#chat-list .other .text", "안녕");
    await say(guest, `/w ${colour} 너만`);
    await expectText(host, "#chat-list .whisper .text", "너만");
    const [gif] = await host.$$("#gif");
    await gif.uploadFile(process.env.GIFCHAT_GIF);
    await expectCount(host, "#preview[open] canvas", 1);
    await host.focus("#caption");
    await host.keyboard.type("공");
    await host.keyboard.press("Enter");
    await oneMoreImage();
    await expect(guest, () => document.querySelector("#chat-list .other img").naturalWidth, 120);
    await expectText(guest, "#chat-list .other:has(img) .text", "공");
});

test("an image copied by the browser or by our button is resent by its name", async () => {
    await host.bringToFront(); // otherwise keys only have part of their effect, as the window has no focus
    const posted = [];
    host.on("request", (request) => request.method() === "POST" && posted.push(request.url()));
    const first = await nameOf(host);
    // As a reader would: select the image, copy and paste it with the keyboard.
    await host.evaluate(() => {
        document.activeElement.blur(); // otherwise it would copy the selection in the field
        getSelection().selectAllChildren(document.querySelector("#chat-list .mine figure"));
    });
    await press("c");
    await host.focus("#chat");
    await press("v");
    await sendShown();
    assert.equal(await nameOf(host), first);

    await host.locator("#chat-list .mine img").click();
    await host.locator("#viewer [data-part=copy]").click();
    await expectText(host, "#viewer [data-part=state]", /멈춘 장면/);
    await host.keyboard.press("Escape");
    await host.focus("#chat");
    await press("v");
    await sendShown();
    assert.equal(await nameOf(host), first);
    assert.equal(posted.filter((address) => address.endsWith("/gif")).length, 2);
});

async function press(letter) {
    await host.keyboard.down("Control");
    await host.keyboard.press(letter);
    await host.keyboard.up("Control");
}

test("dropped links, text and files do not navigate away", async () => {
    const image = `${url}${await nameOf(host)}`;
    const other = "https://example.test/cat.gif";
    // A picture: an address and HTML, but no file.
    const picture = (src) => ({
        "text/x-moz-url": `${src}\ncat`,
        "text/uri-list": src,
        "text/html": `<img src="${src}" alt="cat">`,
        "text/plain": src,
    });
    await host.focus("#chat");
    await host.keyboard.type("초안");
    for (const event of ["dragover", "drop"]) {
        assert.equal(await transfer(host, event, "#chat-list", picture(other)), false);
    }
    assert.equal(await transfer(host, "drop", "main", { "text/plain": "글" }), false);
    assert.equal(await transfer(host, "drop", "main", { "text/x-moz-url": "https://example.test/\nits title" }), false);
    assert.equal(await host.$eval("#chat", (chat) => chat.value), `초안 ${other} 글 https://example.test/`);
    // Nor does an unknown type.
    assert.equal(await transfer(host, "drop", "#chat-list", { "application/x-other": other }), false);
    // Text and links dropped into the field are inserted by the browser.
    assert.equal(await transfer(host, "drop", "#chat", picture(other)), true);
    // One of ours is sent.
    for (const target of ["#chat-list", "#chat"]) {
        assert.equal(await transfer(host, "drop", target, picture(image)), false);
        await sendShown();
    }
    // A file, and a pasted picture from elsewhere.
    const png = [{ name: "image.png", type: "image/png", bytes: [...Buffer.from(PIXEL, "base64")] }];
    assert.equal(await transfer(host, "drop", "#chat-list", { "text/uri-list": "file:///x.png" }, png), false);
    assert.equal(await transfer(host, "paste", "#caption", { "text/html": `<img src="${other}">` }, png), false);
    await expectText(host, "#preview [data-part=still]:not([hidden])", /멈춰 있습니다/);
    await host.keyboard.press("Escape");
    assert.equal(host.url(), room);
});

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("messages written during a network outage arrive once", async () => {
    const { port } = new URL(url);
    const open = new Set();
    let up = true;
    const proxy = createServer((client) => {
        if (!up) return client.destroy();
        const server = connect(port, "127.0.0.1");
        for (const [one, other] of [[client, server], [server, client]]) {
            open.add(one);
            one.on("error", () => other.destroy()).on("close", () => other.destroy());
            one.pipe(other);
        }
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    try {
        const away = await arrive(browser, `http://127.0.0.1:${proxy.address().port}/`);
        await away.goto(new URL(new URL(room).pathname, away.url()).href);
        await joined(away);
        assert.deepEqual(troubles, []);
        up = false;
        for (const socket of open) socket.destroy();
        await expect(away, () => document.querySelector("#room").dataset.connection, "lost");
        await say(away, "끊긴 동안");
        await say(guest, "그 사이에");
        up = true;
        await joined(away);
        // biome-ignore lint/performance/useDomNodeTextContent: what a person reads, and no hidden text
        const times = (text) => document.querySelector("#chat-list").innerText.split(text).length - 1;
        for (const page of [away, guest]) {
            for (const text of ["그 사이에", "끊긴 동안"]) await expect(page, times, 1, text);
        }
        await expectCount(away, ".pending", 0);
        await away.close();
        troubles.length = 0; // the browser's own error lines
    } finally {
        proxy.close();
    }
});

test("the lessons run, pause in hidden tabs, and do not block the lobby", async () => {
    const at = `${url}/lessons`;
    const open = (lesson) => document.querySelector(`.counts tr[data-lesson="${lesson}"] [data-part="open"]`).textContent;
    const seen = (lesson) => document.querySelector(`[data-lesson="${lesson}"] [data-part="messages"]`).textContent;
    const lessons = ["polling", "long_polling", "sse", "websocket", "socketio"];
    const tabs = [await arrive(browser, at)];
    for (let more = 0; more < 5; more++) {
        await startAll(tabs.at(-1));
        tabs.push(await openTab(tabs[0], at));
    }
    await startAll(tabs.at(-1));
    for (const lesson of lessons) await expect(tabs.at(-1), seen, /↓[1-9]/, lesson);
    for (const lesson of lessons.slice(1)) await expect(tabs.at(-1), open, "1", lesson);
    await expect(tabs[0], () => document.title, /^⏸/);
    const lobby = await openTab(tabs[0], url);
    await expectText(lobby, "main", /불여우/);
    for (const lesson of lessons.slice(1)) await expect(tabs.at(-1), open, "0", lesson);
    await tabs[0].bringToFront();
    for (const lesson of lessons.slice(1)) await expect(tabs[0], open, "1", lesson);
    await expect(tabs[0], () => document.title, /^[^⏸]*$/);
});

async function startAll(page) {
    await page.locator("#start-all").click();
}

test("no window reported an error", () => assert.deepEqual(troubles, []));

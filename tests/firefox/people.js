// A real Firefox and the people who use it, each with their own cookies and window.

import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

export const url = process.env.GIFCHAT_URL;
export const TIMEOUT_MS = 30_000;

/** The errors in their windows, one line each. */
export const troubles = [];

/** Firefox, driven over its built-in WebDriver BiDi. */
export function start() {
    return puppeteer.launch({
        browser: "firefox",
        executablePath: process.env.FIREFOX,
        timeout: 2 * TIMEOUT_MS,
        extraPrefsFirefox: {
            "intl.accept_languages": "ko-KR, ko",
        },
    });
}

/** The page of a new person, who has opened `at`. */
export async function arrive(browser, at = url) {
    const context = await browser.createBrowserContext();
    return open(await context.newPage({ type: "window" }), at);
}

/** Another tab in the same window. */
export async function openTab(page, at) {
    return open(await page.browserContext().newPage({ type: "tab" }), at);
}

/** Firefox also reports this when a page that is left or paused gives up a connection still being made. */
const GIVEN_UP = /(establish a connection to the server at|The connection to) ws:/;

async function open(page, at) {
    page.setDefaultTimeout(TIMEOUT_MS);
    const trouble = (text) => GIVEN_UP.test(text) || troubles.push(text);
    page.on("console", (message) => message.type() === "error" && trouble(message.text()));
    page.on("pageerror", (error) => trouble(String(error)));
    page.on("request", (request) => {
        const ours = /^((http|ws):\/\/127\.0\.0\.1:|data:|blob:|about:)/;
        if (!ours.test(request.url())) troubles.push(`a request to ${request.url()}`);
    });
    await page.goto(at);
    return page;
}

/** Wait until what `look` returns in the page is `wanted`, or matches it. */
export async function expect(page, look, wanted, ...args) {
    const fits = (seen) => (wanted instanceof RegExp ? wanted.test(String(seen)) : seen === wanted);
    const end = Date.now() + TIMEOUT_MS;
    let seen;
    do {
        seen = await page.evaluate(look, ...args).catch((error) => error); // between two pages there is no document
        if (fits(seen)) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
    } while (Date.now() < end);
    assert.fail(`${look} ${args} is ${seen} and not ${wanted}`);
}

/** Wait for the text of all elements of `selector`, one line each. */
export function expectText(page, selector, wanted) {
    // biome-ignore lint/performance/useDomNodeTextContent: what a person reads, and no hidden text
    const texts = (sought) => [...document.querySelectorAll(sought)].map((all) => all.innerText.trim()).join("\n");
    return expect(page, texts, wanted, selector);
}

/** Wait until there are that many. */
export function expectCount(page, selector, wanted) {
    return expect(page, (sought) => document.querySelectorAll(sought).length, wanted, selector);
}

export async function makeRoom(page, title) {
    await page.goto(new URL("/room", page.url()).href);
    await page.locator("[name=title]").fill(title);
    await page.locator("form button[type=submit]").click();
    return joined(page);
}

/** The visitor's colour, once the room's page has joined. */
export async function joined(page) {
    await expect(page, () => document.querySelector("#room")?.dataset.connection, "joined");
    return page.$eval("#room", (room) => room.dataset.user);
}

export async function say(page, text) {
    await page.focus("#chat");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
}

/** Dispatch a drop or paste with these `texts` by type and `files`; returns whether the page leaves it to the browser. */
export function transfer(page, event, target, texts, files = []) {
    return page.evaluate(
        (event, target, texts, files) => {
            const data = new DataTransfer();
            for (const [type, text] of Object.entries(texts)) data.setData(type, text);
            for (const { name, type, bytes } of files) data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
            const given = new Event(event, { bubbles: true, cancelable: true });
            // In Firefox, paste events made by scripts have none of the data they were made with.
            Object.defineProperty(given, event === "paste" ? "clipboardData" : "dataTransfer", { value: data });
            return document.querySelector(target).dispatchEvent(given);
        },
        event,
        target,
        texts,
        files,
    );
}

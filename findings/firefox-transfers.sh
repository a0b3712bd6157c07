#!/bin/sh
# Obstacles to testing drag and drop and the clipboard in Firefox with WebDriver BiDi.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
browser=${FIREFOX:-$(command -v firefox-esr || command -v firefox)}
cd "$folder"
echo '{"private": true, "type": "module"}' > package.json
npm install --silent --ignore-scripts puppeteer-core@24.43.1
cat > run.js <<'PROGRAM'
import assert from "node:assert/strict";
import { createServer } from "node:http";
import puppeteer from "puppeteer-core";

const PAGE = `<!doctype html><a href="/x">a link</a><div style="height:9rem;background:#ddd">here</div><textarea></textarea>`;
const server = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(PAGE));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await puppeteer.launch({ browser: "firefox", executablePath: process.argv[2] });
try {
    console.log(await browser.version());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);

    const made = await page.evaluate(() => {
        const given = new DataTransfer();
        given.items.add(new File(["x"], "x.txt"));
        given.setData("text/html", "<b>x</b>");
        const { clipboardData } = new ClipboardEvent("paste", { clipboardData: given });
        const { dataTransfer } = new DragEvent("drop", { dataTransfer: given });
        return [clipboardData, dataTransfer].map(({ types, files }) => `${[...types]} (${files.length} files)`);
    });
    console.log(`made by a script with a file and HTML, a paste carries: ${made[0]}; a drop: ${made[1]}`);

    await page.evaluate(() => {
        window.fired = [];
        addEventListener("paste", ({ clipboardData: { types, files } }) => fired.push([[...types].join(), files.length]));
        document.querySelector("div").addEventListener("click", async () => {
            const canvas = document.createElement("canvas");
            canvas.getContext("2d").fillRect(0, 0, 9, 9);
            const png = await new Promise((resolve) => canvas.toBlob(resolve));
            await navigator.clipboard.write([new ClipboardItem({ [png.type]: png })]);
            fired.push("written");
        });
    });
    await page.click("div");
    await page.waitForFunction(() => fired.length === 1);
    await page.focus("textarea");
    await page.keyboard.down("Control");
    await page.keyboard.press("v");
    await page.keyboard.up("Control");
    await page.waitForFunction(() => fired.length === 2);
    const pasted = await page.evaluate(() => fired);
    console.log("a PNG written into the clipboard without a screen, and what is pasted then:", JSON.stringify(pasted));

    await page.evaluate(() => {
        window.fired = [];
        document.querySelector("div").addEventListener("dragover", (event) => event.preventDefault());
        for (const type of ["dragstart", "dragover", "drop", "dragend", "mouseup"]) {
            addEventListener(type, ({ target }) => {
                const line = `${type} ${target.nodeName}`;
                if (fired.at(-1) !== line) fired.push(line);
            });
        }
    });
    const middle = async (selector) => {
        const { x, y, width, height } = await (await page.$(selector)).boundingBox();
        return [x + width / 2, y + height / 2];
    };
    await page.mouse.move(...(await middle("a")));
    await page.mouse.down();
    await page.mouse.move(...(await middle("div")), { steps: 12 });
    await page.mouse.up();
    await page.mouse.click(...(await middle("textarea"))); // earlier events arrive before this click
    const dragged = await page.evaluate(() => fired);
    console.log("a link dragged onto an element that takes it, by pointer actions:", dragged.join(", "));

    assert.deepEqual(made, [" (0 files)", "text/html,Files (1 files)"], "a paste keeps what it is made with now");
    assert.deepEqual(pasted, ["written", ["", 0]], "the PNG can be pasted now");
    assert.ok(dragged.includes("dragstart A"), "no drag begins now");
    assert.ok(!dragged.some((line) => /^(drop|dragend|mouseup DIV)/.test(line)), "the drag ends now");
} finally {
    await browser.close();
    server.close();
}
PROGRAM
node run.js "$browser"

#!/bin/sh
# Chromium fires no compositionend when a script ends a composition by setting the field's value, and reports a line break
# typed during a composition with two different input types.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2
browser=${CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}
[ -n "$browser" ] || "$folder/venv/bin/playwright" install --with-deps chromium >&2
BROWSER="$browser" "$folder/venv/bin/python" - <<'PROGRAM'
import os

from playwright.sync_api import sync_playwright

TOLD = ["compositionstart", "compositionend", "beforeinput", "input", "keydown", "keyup"]

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"] or None, args=["--no-sandbox"])
    page = browser.new_page()
    keyboard = page.context.new_cdp_session(page)
    page.set_content("<textarea autofocus></textarea>")
    page.evaluate(
        """(types) => {
            window.fired = [];
            const field = document.querySelector("textarea");
            for (const type of types) {
                field.addEventListener(type, ({ inputType, isComposing }) =>
                    fired.push([type, inputType, isComposing && "composing"].filter(Boolean).join(" ")));
            }
        }""",
        TOLD,
    )
    page.focus("textarea")

    def compose(text):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": 1, "selectionEnd": 1})

    def fired():
        return page.evaluate("fired.splice(0)")

    print("Chromium", browser.version)
    compose("하")
    fired()
    page.evaluate("document.querySelector('textarea').value = ''")
    keyboard.send("Input.insertText", {"text": "한"})
    emptied = fired()
    print("the value set in a composition, and a text inserted after it:", emptied)

    compose("하")
    fired()
    page.keyboard.press("Enter")
    broken = fired()
    print("Enter pressed past the input method in a composition:", broken)
    browser.close()

assert emptied == ["beforeinput insertText", "input insertText"], "compositionend is fired now"
assert "beforeinput insertLineBreak" in broken, "the line break is part of the composition now"
assert "input insertCompositionText composing" in broken, "what was inserted is a line break now"
PROGRAM

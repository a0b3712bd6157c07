"""Drop and paste events, dispatched by a script or by the browser."""

import base64
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class Name:
    """A file to be created in the page."""

    name: str
    data: bytes
    type: str = ""


def transfer(page: Page, event: str, target: str, *files: Name, **texts: str) -> bool:
    """Dispatch a clipboard or drag event; return whether the page leaves it to the browser."""
    made = [{"name": file.name, "type": file.type, "data": base64.b64encode(file.data).decode()} for file in files]
    left: bool = page.evaluate(
        """([event, target, files, texts]) => {
            const data = new DataTransfer();
            for (const { name, type, data: base64 } of files) {
                data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
            }
            for (const [type, text] of Object.entries(texts)) data.setData(type.replace("_", "/"), text);
            const options = { bubbles: true, cancelable: true };
            return document.querySelector(target).dispatchEvent(
                event === "paste"
                    ? new ClipboardEvent(event, { ...options, clipboardData: data })
                    : new DragEvent(event, { ...options, dataTransfer: data }),
            );
        }""",
        [event, target, made, texts],
    )
    return left


def drop_link(page: Page, target: str, link: str) -> None:
    """Drop a link on `target` as if dragged from another window, through the browser itself."""
    box = page.locator(target).bounding_box()
    assert box is not None
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [{"mimeType": "text/uri-list", "data": link}], "files": [], "dragOperationsMask": 5}
    browser = page.context.new_cdp_session(page)
    for event in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": event, **at, "data": data})
    browser.detach()

"""What a page's accessibility is measured by: axe-core, and the size of what fingers touch."""

from typing import Final

from playwright.sync_api import Page

from tests.conftest import ROOT

TOUCH_PX: Final = 44

_AXE: Final = (ROOT / "tests" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

_FOUND: Final = """async (rules) => {
    const options = rules.length ? { runOnly: rules } : {};
    const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) => {
        const why = [...any, ...all, ...none].map(({ message }) => message);
        return `${id}: ${target.join(" ")}: ${why[0]}`;
    }));
}"""

# A link within a text, and what only a screen reader or a keyboard reaches, need not be as large (WCAG 2.5.5). A label
# is part of its control.
_SMALL: Final = """(least) => {
    const controls = "button, summary, select, textarea, a[href], input, [role=option], [role=tab]";
    const modal = document.querySelector("dialog:modal") ?? document;
    const boxOf = (control) => {
        const boxes = [control, ...(control.labels ?? [])].map((one) => one.getBoundingClientRect());
        boxes.sort((one, other) => other.width * other.height - one.width * one.height);
        return boxes[0];
    };
    return [...modal.querySelectorAll(controls)].flatMap((control) => {
        const visible = control.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (control.matches(":disabled") || !visible) return [];
        if (control.matches("a") && getComputedStyle(control).display === "inline") return [];
        const { width, height } = boxOf(control);
        if (width <= 1 || height <= 1) return [];
        if (Math.min(width, height) >= least - 0.1) return [];
        return `${width.toFixed(1)} x ${height.toFixed(1)}: ${control.outerHTML.slice(0, 160)}`;
    });
}"""


def troubles(page: Page, *rules: str) -> list[str]:
    """Return what axe finds on the page as it is now, by `rules` or by all of them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found: list[str] = page.evaluate(_FOUND, list(rules))
    return found


def small_targets(page: Page) -> list[str]:
    """Return what can be touched on the page, or in its open dialog, and is smaller than a fingertip."""
    found: list[str] = page.evaluate(_SMALL, TOUCH_PX)
    return found

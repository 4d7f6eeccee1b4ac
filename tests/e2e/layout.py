"""What can be measured of a page that is open in Chromium: does it fit, is its text whole, can a thumb hit what it should hit?

Every function returns a list of what is wrong, each with the words of the element, so that it can be found.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageChops
from playwright.sync_api import ElementHandle, Locator, Page

NARROW = 320
"""WCAG 1.4.10: 1280 pixels at 400 %."""
TAP = 44

LARGE_TEXT = "html { font-size: 200% }"
SPACED_TEXT = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } "
    "p { margin-block-end: 2em !important }"
)
"""WCAG 1.4.12: what people may set for themselves."""

HELPERS = """
const isForEars = (e) => e && e !== document.body && (e.clientWidth === 1 || isForEars(e.parentElement));
const isShown = (e) => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !isForEars(e)
    && e.getBoundingClientRect().width > 1 && e.getBoundingClientRect().right > 0 && e.getBoundingClientRect().bottom > 0;
const words = (e) => (e.textContent || e.value || "").trim().replace(/\\s+/g, " ").slice(0, 40) || e.outerHTML.slice(0, 80);
const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}> ${words(e)}`;
const texts = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const holder = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !isShown(holder) || holder.closest("script, style, noscript, option, .skip")) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const box of range.getClientRects()) if (box.width > 1) found.push({holder, box, text: walker.currentNode.data.trim()});
    }
    return found;
};
"""

SIDEWAYS = """() => {
    window.scrollTo(0, 0);
    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over <= 0) return [];
    const isOut = (box) => box.right > window.innerWidth + 1 || box.left < -1;
    const isInScroller = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || isInScroller(e.parentElement));
    const wide = [...document.body.querySelectorAll("*")].filter((e) => isOut(e.getBoundingClientRect()) && isShown(e)
        && !isInScroller(e.parentElement)).slice(-3);
    return [`can be scrolled sideways by ${over}: ${wide.map(name).join("; ")}`];
}"""

CUT = """() => {
    const cut = [];
    const clips = (style) => /hidden|clip/.test(style.overflowX + style.overflowY);
    const scrolls = (style) => /auto|scroll/.test(style.overflowX);
    for (const {holder, box, text} of texts()) {
        let limit = {left: 0, right: window.innerWidth, top: -Infinity, bottom: Infinity};
        for (let e = holder; e && e !== document.body; e = e.parentElement) {
            const style = getComputedStyle(e);
            if (style.display === "inline") continue;
            const edge = e.getBoundingClientRect();
            if (scrolls(style)) { limit = {left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity}; break; }
            if (clips(style)) limit = {left: Math.max(limit.left, edge.left), right: Math.min(limit.right, edge.right),
                top: Math.max(limit.top, edge.top), bottom: Math.min(limit.bottom, edge.bottom)};
        }
        if (box.left < limit.left - 1.5 || box.right > limit.right + 1.5 || box.top < limit.top - 6 || box.bottom > limit.bottom + 6)
            cut.push(`cut off: ${name(holder)}`);
    }
    for (const e of document.querySelectorAll("button, .button"))
        if (isShown(e) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 6)) cut.push(`spills over its button: ${name(e)}`);
    return [...new Set(cut)];
}"""

OVER_EACH_OTHER = """() => {
    const found = new Set();
    const all = texts().sort((a, b) => a.box.top - b.box.top);
    for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length && all[j].box.top < all[i].box.bottom; j++) {
        const [a, b] = [all[i], all[j]];
        if (a.holder === b.holder && a.text === b.text) continue;
        const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const height = Math.min(a.box.bottom, b.box.bottom) - b.box.top;
        if (width > 2 && height > 0.4 * Math.min(a.box.height, b.box.height)) found.add(`one over the other: ${a.text.slice(0, 30)} / ${b.text.slice(0, 30)}`);
    }
    return [...found];
}"""

SMALL = """(tap) => {
    const small = [];
    for (const e of document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
        if (e.matches(".skip") || e.closest("[aria-hidden=true]") || !e.checkVisibility()) continue;
        const label = e.matches("[type=radio], [type=checkbox]") ? e.closest("label") : null;
        const box = (label ?? e).getBoundingClientRect();
        const block = e.closest("p, li, td, th, dd, figcaption, div");
        const rest = block ? block.textContent.replace(e.textContent, "").replace(/[\\s·›>|.,]+/g, "") : "";
        const isInSentence = e.matches("a") && getComputedStyle(e).display === "inline" && rest.length > 0;
        if (!isInSentence && Math.min(box.width, box.height) < tap - 0.5)
            small.push(`small (${Math.round(box.width)} x ${Math.round(box.height)}): ${name(label ?? e)}`);
    }
    return small;
}"""

MOVING = """() => {
    const moving = document.getAnimations().map((a) => `moves: ${name(a.effect.target)}`);
    for (const e of document.querySelectorAll("*")) for (const pseudo of [null, "::before", "::after"]) {
        const style = getComputedStyle(e, pseudo);
        const isStill = style.transitionDuration.split(",").every((t) => parseFloat(t) === 0) && style.animationName === "none";
        if (!isStill || style.scrollBehavior === "smooth") moving.push(`would move: ${name(e)}`);
    }
    return moving;
}"""


def _measure(page: Page, what: str, argument: object = None) -> list[str]:
    found: list[str] = page.evaluate(f"(argument) => {{ {HELPERS} return ({what})(argument); }}", argument)
    return found


def sideways(page: Page) -> list[str]:
    return _measure(page, SIDEWAYS)


def text_lost(page: Page) -> list[str]:
    """Text that is cut off or lies over other text, and a page that must be scrolled in two directions."""
    return [*sideways(page), *_measure(page, CUT), *_measure(page, OVER_EACH_OTHER)]


def small_targets(page: Page, tap: int = TAP) -> list[str]:
    """Buttons, fields, labels and links that are smaller; not links inside a sentence (WCAG 2.5.8)."""
    return _measure(page, SMALL, tap)


def moving(page: Page) -> list[str]:
    return _measure(page, MOVING)


@contextmanager
def styled(page: Page, css: str) -> Iterator[None]:
    """A person's own style on the page for a while. A constructed sheet, since our CSP refuses <style>."""
    page.evaluate(
        "(css) => { const own = new CSSStyleSheet(); own.replaceSync(css); document.adoptedStyleSheets = [own]; }", css
    )
    yield
    page.evaluate("() => { document.adoptedStyleSheets = []; }")


@contextmanager
def as_wide_as(page: Page, width: int) -> Iterator[None]:
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": width, "height": before["height"]})
    yield
    page.set_viewport_size(before)


def reflow(page: Page) -> list[str]:
    """Everything that a narrow screen, text of twice the size, or wider spacing loses."""
    with as_wide_as(page, NARROW):
        found = [f"at {NARROW} pixels, {line}" for line in text_lost(page)]
    with styled(page, LARGE_TEXT):
        found += [f"with large text, {line}" for line in text_lost(page)]
    with styled(page, SPACED_TEXT):
        found += [f"with spaced text, {line}" for line in text_lost(page)]
    return found


Box = dict[str, float]


def around(page: Page, where: Locator | ElementHandle, *, margin: int = 8) -> Box:
    """The part of the window in which an element and its outline are painted."""
    where.scroll_into_view_if_needed()
    box, window = where.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    left, top = max(0, box["x"] - margin), max(0, box["y"] - margin)
    right, bottom = min(window["width"], box["x"] + box["width"] + margin), min(window["height"], box["y"] + box["height"] + margin)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def picture(page: Page, clip: Box) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]  # playwright's own dict type


def difference(before: Image.Image, after: Image.Image) -> int:
    """The number of pixels that differ clearly."""
    assert before.size == after.size
    grey = ImageChops.difference(before, after).convert("L")
    return sum(grey.histogram()[48:])

"""That the measures of layout.py find what they are for, and leave alone what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.layout import (
    LARGE_TEXT,
    around,
    difference,
    moving,
    picture,
    reflow,
    sideways,
    small_targets,
    styled,
    text_lost,
)

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="en"><style>
body { margin: 0; font: 1rem/1.5 sans-serif } a.big, button { display: inline-block; min-block-size: 44px; min-inline-size: 44px }
.scroll { overflow-x: auto } .wide { inline-size: 900px } .hidden-text { position: absolute; inline-size: 1px; overflow: hidden }
</style><main><h1>Title</h1><p>A sentence with a <a href="#x">link</a> in it.</p><a class="big" href="#y">Alone</a>
<button>Send</button><span class="hidden-text">for ears only</span><div class="scroll"><div class="wide">a table</div></div>
<label style="display:block;padding:12px"><input type="checkbox" name="c"> Yes</label></main>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    found = context.new_page()
    found.set_content(GOOD)
    yield found
    context.close()


def add(page: Page, html: str) -> None:
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)


def test_nothing_is_found_on_a_good_page(page: Page) -> None:
    assert (reflow(page), small_targets(page), moving(page)) == ([], [], [])


@pytest.mark.parametrize(
    ("html", "measure", "begins"),
    [
        ("<div style='inline-size:500px'>wide</div>", sideways, "can be scrolled sideways by 140: <div> wide"),
        ("<p style='block-size:12px;overflow:hidden'>one two three four five six seven eight nine ten eleven twelve</p>", text_lost, "cut off: <p> one two"),
        ("<p style='white-space:nowrap;overflow:hidden'>one two three four five six seven eight nine ten eleven twelve</p>", text_lost, "cut off: <p> one two"),
        ("<p>below</p><p style='margin-block-start:-38px'>above</p>", text_lost, "one over the other: "),
        ("<a href='#z' style='display:block;inline-size:44px;block-size:30px'>low</a>", small_targets, "small (44 x 30): <a> low"),
        ("<p><a href='#z'>alone in its line</a></p>", small_targets, "small ("),
        ("<input name='t' style='block-size:30px'>", small_targets, "small ("),
        ("<i style='transition:color 1s'>slow</i>", moving, "would move: <i> slow"),
        ("<style>@keyframes k { to { opacity: 0 } }</style><i style='animation:k 9s'>gone</i>", moving, "moves: <i> gone"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(page: Page, html: str, measure: Callable[[Page], list[str]], begins: str) -> None:
    add(page, html)

    found = measure(page)

    assert [line for line in found if line.startswith(begins)] == found[:1] != []


def test_large_text_is_large_and_only_for_a_while(page: Page) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('p')).fontSize)"
    with styled(page, LARGE_TEXT):
        large = page.evaluate(size)

    assert (large, page.evaluate(size)) == (32, 16)


def test_a_focus_that_is_not_painted_leaves_the_picture_as_it_was(page: Page) -> None:
    button = page.get_by_role("button")
    where = around(page, button)
    before = picture(page, where)
    page.keyboard.press("Shift")

    button.focus()
    painted = difference(before, picture(page, where))
    with styled(page, ":focus-visible { outline: none }"):
        unpainted = difference(before, picture(page, where))

    assert painted > 60
    assert unpainted == 0

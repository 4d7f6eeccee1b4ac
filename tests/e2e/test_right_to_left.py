"""Arabic pages are the mirror of what they would be from left to right; what people type keeps its own direction.

The mirror is tested on every page and state and on every box of it, so a new progress bar, arrow or matrix is in it without a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from survey.authoring.service import bundled_form
from tests.e2e.serving import Demo
from tests.e2e.stepping import steps_of_every
from tests.e2e.visitor import Visitor, visiting
from tests.places import Place, place_named, residents_places, surveys_places, whole_surveys
from tests.ways import RECEIPT_CODE, SURVEY, Post, Way, client, every_answer, receipt_code, texts

pytestmark = pytest.mark.browser

NOT_MIRRORED = """() => {
    const boxes = () => [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility()
        && getComputedStyle(e).display !== "inline" && e.parentElement.closest("[dir]") === document.documentElement
        && !e.closest("bdi, option")).map((e) => [e, e.getBoundingClientRect()]);
    window.scrollTo(0, 0);
    const here = boxes();
    document.documentElement.dir = "ltr";
    const mirror = new Map(boxes());
    document.documentElement.dir = "rtl";
    const width = document.documentElement.clientWidth;
    return here.filter(([e, box]) => {
        const other = mirror.get(e);
        return !other || Math.abs(width - box.right - other.left) > 1.5 || Math.abs(box.width - other.width) > 1.5;
    }).map(([e, box]) => `not mirrored: ${e.outerHTML.slice(0, 90)} at ${Math.round(box.left)} to ${Math.round(box.right)}`);
}"""

LEFT = """() => [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && getComputedStyle(e).direction === "rtl"
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
    && getComputedStyle(e).textAlign === "left").map((e) => `stands at the left: ${e.outerHTML.slice(0, 90)}`)"""

PIECES = """([selector, pieces]) => {
    const found = {};
    for (const holder of document.querySelectorAll(selector)) for (const node of holder.childNodes) {
        if (node.nodeType !== 3) continue;
        for (const piece of pieces) {
            const at = node.data.indexOf(piece);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + piece.length);
            found[piece] = range.getBoundingClientRect().left;
        }
    }
    return pieces.map((piece) => found[piece]);
}"""


@pytest.fixture
def visitor(browser: Browser, house: Demo) -> Iterator[Visitor]:
    with visiting(browser, house, "ar") as found:
        yield found


def none(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


def faults(page: Page) -> list[str]:
    found: list[str] = page.evaluate(NOT_MIRRORED) + page.evaluate(LEFT)
    html = page.locator("html")
    if (html.get_attribute("lang"), html.get_attribute("dir")) != ("ar", "rtl"):
        found.append("the page does not say that it is Arabic")
    return found


@pytest.mark.parametrize(
    ("places", "modules"),
    [(residents_places("ar"), True), (whole_surveys("ar"), False), pytest.param(surveys_places("ar"), False, marks=pytest.mark.thorough)],
    ids=["all", "whole surveys", "all surveys"],
)
def test_every_page_is_the_mirror_of_itself(browser: Browser, house: Demo, places: list[Place], *, modules: bool) -> None:
    found = []

    with visiting(browser, house, "ar", modules=modules) as visitor:
        for spot in places:
            found += [f"{spot.name}: {line}" for line in faults(visitor.go(spot))]

    none(found)


def test_every_step_of_a_survey_is_the_mirror_of_itself(visitor: Visitor) -> None:
    none([f"{step}: {line}" for step in steps_of_every(visitor) for line in faults(visitor.page)])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("e.style.cssText = 'display:block; margin-left: 20px'", "not mirrored"),
        ("e.style.cssText = 'display:block; position: relative; left: 9px'", "not mirrored"),
        ("e.style.cssText = 'display:block; text-align: left'", "stands at the left"),
    ],
)
def test_what_does_not_mirror_is_found(visitor: Visitor, change: str, fault: str) -> None:
    page = visitor.go(place_named("receipt"))
    assert faults(page) == []

    page.locator("main h1").evaluate(f"e => {{ {change} }}")

    assert {line.partition(":")[0] for line in faults(page)} == {fault}


def test_header_begins_at_the_right_and_its_menu_opens_inside(visitor: Visitor) -> None:
    page = visitor.go(place_named("home"))
    brand, menu = page.locator("header a").first.bounding_box(), page.locator("header summary").bounding_box()
    page.locator("header summary").click()
    names = [box for box in (item.bounding_box() for item in page.locator("header li").all()) if box]

    assert brand and menu and brand["x"] > menu["x"]  # noqa: PT018 -- boxes are there when they are shown
    assert len(names) == 10
    assert names[0]["x"] > names[1]["x"]  # the first language stands at the right of the second
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in names)


@pytest.mark.parametrize(("language", "step"), [("ar", -1), ("ko", 1)])
def test_scales_begin_where_the_reader_begins(browser: Browser, house: Demo, language: str, step: int) -> None:
    """Every group of radio buttons that stands in one row, with its points in order."""
    with visiting(browser, house, language, modules=False) as visitor:
        page = visitor.go(place_named("survey, everything answered"))
        rows: dict[str, list[list[float]]] = page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("fieldset")].map((f) => [f.id,
            [...f.querySelectorAll("input[type=radio]")].filter((i) => /^\\d+$/.test(i.value) && i.closest("label").checkVisibility())
            .map((i) => i.closest("label").getBoundingClientRect()).map((b) => [b.x, b.y])]).filter(([, b]) => b.length > 2))"""
        )

    assert len(rows) >= 14
    for group, points in rows.items():
        assert len({y for _, y in points}) == 1, group
        assert points == sorted(points, key=lambda point: step * point[0]), group


def test_words_at_the_ends_of_a_scale_stand_at_its_ends(browser: Browser, house: Demo) -> None:
    """The words for the lowest point are at the right of those for the highest."""
    with visiting(browser, house, "ar", modules=False) as visitor:
        page = visitor.go(place_named("survey, everything answered"))
        for question in bundled_form().questions():
            if question.type != "scale" or not question.low_label or not question.high_label:
                continue
            group = page.locator("fieldset").filter(has=page.locator(f"input[name={question.id}]"))
            low = group.get_by_text(question.low_label["ar"], exact=True).first.bounding_box()
            high = group.get_by_text(question.high_label["ar"], exact=True).first.bounding_box()
            assert low and high and low["x"] + low["width"] > high["x"] + high["width"], question.id  # noqa: PT018 -- shown


MIXED_HEBREW = "שלום Hello 123 עולם"
MIXED_LATIN = "Ring 12345 שלום later"


def _own_answer(text: str) -> Place:
    """The page of one's own answer, with this text in every field for texts."""

    def way(language: str) -> Way:
        other = [pair for pair in every_answer() if pair[0] not in dict(texts(""))]
        page = yield Post(f"/s/{SURVEY}", [client(), ("_language", language), *other, *texts(text)])
        yield Post("/receipt", [("_language", language), ("code", receipt_code(page)), ("step", "")])

    return Place("own answer", "POST /receipt", way)


HEBREW_SEEN = ["עולם", "123", "שלום"]  # from left to right, as it is seen; "Hello 123" is one run
LATIN_SEEN = ["Ring", "12345", "שלום", "later"]


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("ko", MIXED_HEBREW, HEBREW_SEEN),
        ("ar", MIXED_LATIN, LATIN_SEEN),
        pytest.param("ar", MIXED_HEBREW, HEBREW_SEEN, marks=pytest.mark.thorough),
        pytest.param("ko", MIXED_LATIN, LATIN_SEEN, marks=pytest.mark.thorough),
    ],
)
def test_typed_text_is_shown_in_its_own_order_on_any_page(
    browser: Browser, house: Demo, language: str, text: str, pieces: list[str]
) -> None:
    with visiting(browser, house, language) as visitor:
        page = visitor.go(_own_answer(text))
        lefts = page.evaluate(PIECES, ["[dir=auto]", pieces])

    assert None not in lefts
    assert lefts == sorted(lefts)


@pytest.mark.parametrize("language", ["ar", pytest.param("ko", marks=pytest.mark.thorough)])
def test_fields_take_the_direction_of_what_is_typed(browser: Browser, house: Demo, language: str) -> None:
    with visiting(browser, house, language, modules=False) as visitor:
        page = visitor.go(place_named("survey"))
        fields = page.locator("main textarea:visible, main input[type=text]:visible:not([inputmode]):not([tabindex='-1'])")
        assert fields.count() > 0
        seen: list[tuple[Any, Any]] = []
        for field in fields.all():
            directions = []
            for text in (MIXED_HEBREW, MIXED_LATIN):
                field.fill(text)
                directions.append(field.evaluate("e => getComputedStyle(e).direction"))
            seen.append((directions[0], directions[1]))

    assert set(seen) == {("rtl", "ltr")}


def test_codes_and_numbers_are_read_from_left_to_right(visitor: Visitor) -> None:
    page = visitor.go(place_named("thanks"))
    [code] = set(RECEIPT_CODE.findall(page.inner_text("main")))
    holder = page.get_by_text(code, exact=True).first
    holder.evaluate("e => e.setAttribute('data-code', '')")
    groups = [code[:4], code[5:9]]
    lefts = page.evaluate(PIECES, ["[data-code]", groups])
    phones = page.locator("main bdi").filter(has_text="12345").first.evaluate("e => getComputedStyle(e).unicodeBidi")

    assert holder.evaluate("e => [getComputedStyle(e).direction, getComputedStyle(e).unicodeBidi]") == ["ltr", "isolate"]
    assert lefts[0] < lefts[1]
    assert phones == "isolate"


def test_field_for_a_code_is_written_from_left_to_right(visitor: Visitor) -> None:
    field = visitor.go(place_named("receipt")).locator("#code")

    assert field.evaluate("e => getComputedStyle(e).direction") == "ltr"
